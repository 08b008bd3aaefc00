// A workspace that is not trusted runs nothing of its own, whoever names it.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { venvProgram } from "../../../scripts/lib.mjs";

/** Programs in the workspace, each of which leaves a mark when somebody runs it. */
function setTraps(session, ...places) {
  const mark = path.join(session.folder, "it-ran");
  for (const place of places) {
    const program = path.join(session.workspace, place);
    mkdirSync(path.dirname(program), { recursive: true });
    writeFileSync(program, `#!/bin/sh\necho "$0" >> "${mark}"\nexec "${venvProgram("python")}" "$@"\n`);
    chmodSync(program, 0o755);
  }
  return () => existsSync(mark);
}

/** Code that Python or Callscope would run if they looked for modules in the workspace. */
function setModules(session) {
  const mark = path.join(session.folder, "it-ran");
  for (const name of ["sitecustomize", "callscope", "jedi", "json", "tempfile"]) {
    mkdirSync(path.join(session.workspace, name));
    writeFileSync(path.join(session.workspace, name, "__init__.py"), `open(${JSON.stringify(mark)}, "w")\n`);
  }
}

export const tests = [
  {
    name: "in Restricted Mode nothing of the workspace is run, whoever names it",
    async run(session) {
      const ran = setTraps(session, ".venv/bin/python", "bin/python3", "bin/python3.14", "bin/python");
      writeFileSync(path.join(session.workspace, ".venv", "pyvenv.cfg"), "");
      setModules(session);
      session.writeWorkspaceSettings({
        "callscope.interpreter": path.join(session.workspace, "bin", "python"),
        "callscope.importStrategy": "fromEnvironment",
      });
      const bench = await session.open("broken.py", {
        trusted: false,
        environment: { PATH: `${path.join(session.workspace, "bin")}${path.delimiter}${process.env.PATH}` },
        settings: {
          "callscope.interpreter": "${workspaceFolder}/.venv/bin/python",
          "security.workspace.trust.startupPrompt": "never",
        },
      });
      await bench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
      await bench.squiggles.first().waitFor();
      await bench.waitForStatus(/Callscope \d.*interpreter in the settings cannot be used/);
      assert.equal(ran(), false, "code of a workspace that is not trusted was run");
    },
  },
];
