// A workspace that is not trusted runs nothing of its own, whoever names it.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
  return () => (existsSync(mark) ? readFileSync(mark, "utf8").trimEnd().split("\n") : []);
}

/** Code that Python or Callscope would run if they looked for modules in the workspace; its paths. */
function setModules(session) {
  const mark = path.join(session.folder, "it-ran");
  return ["sitecustomize", "callscope", "jedi", "json", "tempfile"].map((name) => {
    const module = path.join(session.workspace, name, "__init__.py");
    mkdirSync(path.dirname(module));
    writeFileSync(module, `open(${JSON.stringify(mark)}, "a").write(__file__ + "\\n")\n`);
    return module;
  });
}

export const tests = [
  {
    own: true,
    name: "in Restricted Mode files are checked and nothing of the workspace is run, until it is trusted",
    async run(session) {
      const ran = setTraps(session, ".venv/bin/python", "bin/python3", "bin/python3.14", "bin/python");
      writeFileSync(path.join(session.workspace, ".venv", "pyvenv.cfg"), "");
      const modules = setModules(session);
      const chosen = path.join(session.workspace, "bin", "python");
      session.writeWorkspaceSettings({ "callscope.interpreter": chosen, "callscope.importStrategy": "fromEnvironment" });
      const bench = await session.open("broken.py", {
        trusted: false,
        environment: { PATH: `${path.join(session.workspace, "bin")}${path.delimiter}${process.env.PATH}` },
        machine: { "callscope.interpreter": "${workspaceFolder}/.venv/bin/python" },
        settings: { "security.workspace.trust.startupPrompt": "never" },
      });
      await bench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
      await bench.squiggles.first().waitFor();
      await bench.waitForStatus(/Callscope \d.*interpreter in the settings cannot be used/);
      await bench.command("Callscope: Restart Server");
      await bench.squiggles.first().waitFor();
      await bench.waitForStatus(/Callscope \d.*interpreter in the settings cannot be used/);
      await session.shot("restricted");
      assert.deepEqual(ran(), [], "code of a workspace that is not trusted was run");

      await bench.command("Workspaces: Manage Workspace Trust");
      await bench.page
        .locator(".workspace-trust-editor")
        .getByRole("button", { name: "Trust", exact: true })
        .click();
      await bench.backTo("broken.py");
      await bench.waitForStatus(/Callscope \d.*bin.python/);
      await bench.squiggles.first().waitFor();
      assert.ok(ran().includes(chosen), `only ${ran()} was run`);
      assert.ok(!ran().some((each) => modules.includes(each)), `modules of the workspace were run: ${ran()}`);
    },
  },
];
