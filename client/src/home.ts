import * as os from "node:os";

/** Writes `~` for the user's home folder, wherever it is named, as a path or inside JSON. */
export function shortenHome(text: string, home = os.homedir()): string {
  if (home.length < 2) {
    return text;
  }
  const spellings = new Set([home, JSON.stringify(home).slice(1, -1), home.replaceAll("\\", "/")]);
  let result = text;
  for (const spelling of spellings) {
    const literal = spelling.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    result = result.replaceAll(new RegExp(String.raw`(?<![\w.-])${literal}(?![\w.-])`, "g"), "~");
  }
  return result;
}
