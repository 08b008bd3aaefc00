import { execFile } from "node:child_process";
import type { Executable } from "vscode-languageclient/node";
import type { Layout } from "./layout";
import type { Python } from "./python";
import type { ProcessSettings } from "./settings";

/** The command line of the server. It runs in its own folder: `-m` puts the current one on the import path. */
export async function launchCommand(
  python: Python,
  layout: Layout,
  strategy: ProcessSettings["importStrategy"],
): Promise<Executable> {
  const [command = "", ...args] = python.command;
  const installed = strategy === "fromEnvironment" && (await hasCallscope(python, layout));
  return {
    command,
    args: [...args, ...(installed ? ["-I"] : []), "-m", "callscope", "server"],
    options: {
      cwd: layout.home,
      // `undefined` removes a variable: one that is set for another Python would break this one.
      env: {
        PYTHONHOME: undefined,
        PYTHONPATH: installed ? undefined : layout.home,
        PYTHONUTF8: "1",
        PYTHONSAFEPATH: "1",
      },
    },
  };
}

function hasCallscope({ command: [file = "", ...args] }: Python, layout: Layout): Promise<boolean> {
  const code = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("callscope.lsp") is None)';
  return new Promise((resolve) => {
    execFile(
      file,
      [...args, "-I", "-c", code],
      { cwd: layout.home, timeout: 10_000, windowsHide: true },
      (error) => {
        resolve(error === null);
      },
    );
  });
}
