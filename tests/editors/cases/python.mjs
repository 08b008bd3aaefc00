// Which Python runs the server, and what is said when there is none.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT, venvProgram } from "../../../scripts/lib.mjs";
import { expectWorking, otherServer } from "../processes.mjs";

/** A Python with a path of its own. */
function pythonIn(session, name) {
  const folder = path.join(session.folder, name);
  mkdirSync(folder);
  symlinkSync(venvProgram("python"), path.join(folder, "python"));
  return path.join(folder, "python");
}

/** A Python in the workspace that leaves a mark when somebody runs it. */
function markingPython(session) {
  const python = path.join(session.workspace, "env", "python");
  const mark = path.join(session.folder, "it-ran");
  mkdirSync(path.dirname(python));
  writeFileSync(python, `#!/bin/sh\n: > "${mark}"\nexec "${venvProgram("python")}" "$@"\n`);
  chmodSync(python, 0o755);
  return { python, ran: () => existsSync(mark) };
}

export const tests = [
  {
    name: "without any Python a message says what to do, and a setting mends it",
    async run(session) {
      const empty = path.join(session.folder, "empty");
      mkdirSync(empty);
      const bench = await session.open("support.py", {
        settings: { "callscope.interpreter": path.join(empty, "python") },
        environment: { PATH: empty },
      });
      const message = bench.notifications.filter({ hasText: "Callscope needs Python 3.10" });
      await message.getByRole("button", { name: "Show Log" }).waitFor();
      await session.shot("no-python");
      await bench.waitForStatus(/no Python/);

      await message.getByRole("button", { name: "Select Interpreter" }).click();
      await bench.changeShownSetting("Callscope: Interpreter", venvProgram("python"));
      await bench.backTo("support.py");
      await bench.waitForStatus(/Callscope \d/);
      await message.waitFor({ state: "detached" });
    },
  },
  {
    name: "a Python that is too old is not used, and said to be; a newer one that was installed is found",
    async run(session) {
      const folder = path.join(session.folder, "old");
      mkdirSync(folder);
      const old = path.join(folder, "python3");
      writeFileSync(old, "#!/bin/sh\necho 3.8.18\n");
      chmodSync(old, 0o755);
      const bench = await session.open("broken.py", { environment: { PATH: folder } });
      const message = bench.notifications.filter({ hasText: "Callscope needs Python 3.10" });
      await message.waitFor();
      await bench.waitForStatus(/no Python/);
      rmSync(old);
      symlinkSync(venvProgram("python"), old);
      await bench.command("Callscope: Restart Server");
      await expectWorking(bench);
    },
  },
  {
    name: "when the interpreter in the settings is deleted, another one takes over and the status says so",
    async run(session) {
      const python = pythonIn(session, "deleted");
      session.writeWorkspaceSettings({ "callscope.interpreter": python });
      const bench = await session.open("broken.py");
      await bench.waitForStatus(/Callscope \d.*deleted/);
      await bench.squiggles.first().waitFor();
      const pid = await otherServer(session, 0);
      rmSync(python);
      process.kill(pid, "SIGKILL");
      await otherServer(session, pid);
      await bench.squiggles.first().waitFor();
      await bench.waitForStatus(/interpreter in the settings cannot be used/i);
      symlinkSync(venvProgram("python"), python);
      await bench.command("Callscope: Restart Server");
      await bench.waitForStatus(/Callscope \d.*deleted/);
    },
  },
  {
    name: "the interpreter selected in the Python extension is used, and followed when it changes",
    async run(session) {
      const [first, second] = [pythonIn(session, "first"), pythonIn(session, "second")];
      const selected = path.join(session.folder, "selected");
      writeFileSync(selected, first);
      await session.addExtension(path.join(ROOT, "tests", "editors", "python-extension"));
      const bench = await session.open("broken.py", { environment: { STAND_IN_INTERPRETER_FILE: selected } });
      await bench.waitForStatus(/Callscope \d.*first/);
      await bench.squiggles.first().waitFor();
      writeFileSync(selected, second);
      await bench.waitForStatus(/Callscope \d.*second/);
      await bench.squiggles.first().waitFor();
    },
  },
  {
    name: "in Restricted Mode files are checked, but not with a Python that the workspace chose",
    async run(session) {
      const { python, ran } = markingPython(session);
      session.writeWorkspaceSettings({ "callscope.interpreter": python });
      const bench = await session.open("broken.py", {
        trusted: false,
        settings: { "security.workspace.trust.startupPrompt": "never" },
      });
      await bench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
      await bench.squiggles.first().waitFor();
      await session.shot("restricted");
      assert.equal(ran(), false, "the Python of a workspace that is not trusted was run");

      await bench.command("Workspaces: Manage Workspace Trust");
      await bench.page
        .locator(".workspace-trust-editor")
        .getByRole("button", { name: "Trust", exact: true })
        .click();
      await bench.backTo("broken.py");
      await bench.waitForStatus(/Callscope \d.*env.python/);
      assert.equal(ran(), true);
    },
  },
];
