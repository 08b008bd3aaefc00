import { existsSync } from "node:fs";
import * as path from "node:path";

/** Where the server's code lies: in the packed extension, or in the source tree. */
export interface Layout {
  /** The folder that holds the Python package `callscope`. */
  readonly home: string;
  /** The Python that has the server's dependencies, where they are not in `home` themselves. */
  readonly ownPython: string | undefined;
}

export function findLayout(extensionFolder: string): Layout {
  const bundled = path.join(extensionFolder, "bundled");
  if (existsSync(bundled)) {
    return { home: bundled, ownPython: undefined };
  }
  const bin = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  return {
    home: path.join(extensionFolder, "server"),
    ownPython: path.join(extensionFolder, ".venv", ...bin),
  };
}
