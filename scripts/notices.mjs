// The list of other people's packages inside the extension, with the texts of their licences.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./lib.mjs";

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/**
 * @param {string} bundled the folder with the unpacked Python packages
 * @param {string} metafile esbuild's account of what went into the client
 */
export function notices(bundled, metafile) {
  const packages = [...pythonPackages(bundled), ...nodePackages(metafile)];
  const list = packages.map(({ name, version, licence }) => `- ${name} ${version} (${licence})`);
  const texts = packages.map(
    ({ name, version, text }) => `${"=".repeat(78)}\n${name} ${version}\n${"=".repeat(78)}\n\n${text}`,
  );
  return `Callscope contains the following packages, each under its own licence.\n\n${list.join("\n")}\n\n${texts.join("\n\n")}\n`;
}

function pythonPackages(bundled) {
  const folders = readdirSync(bundled).filter((name) => name.endsWith(".dist-info"));
  return folders.sort().map((folder) => {
    const metadata = readFileSync(path.join(bundled, folder, "METADATA"), "utf8");
    const field = (name) => new RegExp(`^${name}: (.+)$`, "m").exec(metadata)?.[1];
    const classifier = /^Classifier: License :: .*:: (.+)$/m.exec(metadata)?.[1];
    return {
      name: field("Name"),
      version: field("Version"),
      licence: field("License-Expression") ?? classifier ?? field("License") ?? "see below",
      text: licenceText(path.join(bundled, folder)),
    };
  });
}

function nodePackages(metafile) {
  const inputs = Object.keys(JSON.parse(readFileSync(metafile, "utf8")).inputs);
  const folders = new Set(
    inputs.map((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(Boolean),
  );
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(path.join(ROOT, folder, "package.json"), "utf8"),
    );
    return { name, version, licence: license, text: licenceText(path.join(ROOT, folder)) };
  });
}

/** All licence files of a package; they lie at its top or in a folder `licenses`. */
function licenceText(folder) {
  const places = [folder, path.join(folder, "licenses")].filter((place) => existsSync(place));
  const files = places.flatMap((place) => readdirSync(place).map((name) => path.join(place, name)));
  const texts = files
    .filter((file) => LICENCE_FILE.test(path.basename(file)) && statSync(file).isFile())
    .map((file) => readFileSync(file, "utf8").trim());
  return texts.length ? texts.join("\n\n") : "No licence text comes with this package.";
}
