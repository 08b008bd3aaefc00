import { realpathSync } from "node:fs";
import * as path from "node:path";

/**
 * Whether a program lies in one of the folders, by its own path or by where its links lead.
 * A bare name may be any of those that `searchPath` leads to.
 */
export function isInside(program: string, folders: readonly string[], searchPath = ""): boolean {
  const places = /[\\/]/.test(program)
    ? [program]
    : searchPath.split(path.delimiter).map((folder) => path.join(folder || ".", program));
  const real = folders.map(resolved);
  return places.some((place) =>
    [place, resolved(place), path.join(resolved(path.dirname(place)), path.basename(place))].some((file) =>
      [...folders, ...real].some((folder) => contains(folder, file)),
    ),
  );
}

function contains(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** The path without links, as far as there is anything at it. */
function resolved(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    return path.resolve(file);
  }
}
