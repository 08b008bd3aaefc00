// The README as it ships with the extension. Its page in VS Code shows pictures from the web only and
// opens no files beside it, and who reads it there has no clone of the repository.

/** Sections for those who have one. */
const OF_THE_REPOSITORY = ["Install", "Commands", "Contributing"];

const PICTURE = /^!\[.*\]\(.*\)$/;
const ONLY_LEADS_ELSEWHERE = /^\[[^\]]*\]\((?!https:)[^)]*\)[^\n]*$/;
const LINK_TO_A_FILE = /\[([^\]]*)\]\((?!https:|#)[^)]*\)/g;

/** What of the README makes sense by itself. */
export function readmeOfPackage(text) {
  const sections = text.split(/^(?=## )/m);
  const wanted = sections.filter((section) => !OF_THE_REPOSITORY.includes(/^## (.*)/.exec(section)?.[1]));
  const paragraphs = wanted.join("").split("\n\n");
  return paragraphs
    .filter((paragraph) => !PICTURE.test(paragraph) && !ONLY_LEADS_ELSEWHERE.test(paragraph))
    .join("\n\n")
    .replaceAll(LINK_TO_A_FILE, "$1");
}
