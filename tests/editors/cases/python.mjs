// Which Python runs the server, and what is said when there is none.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT, venvProgram } from "../../../scripts/lib.mjs";
import { settingsFile } from "../host.mjs";
import { expectWorking, otherServer } from "../processes.mjs";

/** A Python with a path of its own. */
function pythonIn(session, name) {
  const folder = path.join(session.folder, name);
  mkdirSync(folder);
  symlinkSync(venvProgram("python"), path.join(folder, "python"));
  return path.join(folder, "python");
}

export const tests = [
  {
    own: true,
    name: "without a Python that is new enough a message says what to do; one that is installed or set mends it",
    async run(session) {
      const bin = path.join(session.folder, "bin");
      mkdirSync(bin);
      const bench = await session.open("broken.py", {
        machine: { "callscope.interpreter": path.join(session.folder, "none", "python") },
        environment: { PATH: bin },
      });
      const message = bench.notifications.filter({ hasText: "Callscope needs Python 3.10" });
      await message.getByRole("button", { name: "Show Log" }).waitFor();
      await session.shot("no-python");
      await bench.waitForStatus(/no Python/);

      // What is too old is not used.
      const python = path.join(bin, "python3");
      const asked = path.join(session.folder, "asked");
      writeFileSync(python, `#!/bin/sh\n: > "${asked}"\necho 3.8.18\n`);
      chmodSync(python, 0o755);
      await bench.command("Notifications: Clear All Notifications");
      await bench.command("Callscope: Restart Server");
      await message.waitFor();
      await bench.waitForStatus(/no Python/);
      assert.ok(existsSync(asked), "the old Python was asked for its version");

      // A newer one in its place is found.
      rmSync(python);
      symlinkSync(venvProgram("python"), python);
      await bench.command("Callscope: Restart Server");
      await expectWorking(bench);

      // So is one that is set.
      rmSync(python);
      await bench.command("Callscope: Restart Server");
      await bench.waitForStatus(/no Python/);
      await message.getByRole("button", { name: "Select Interpreter" }).click();
      await bench.changeShownSetting("Callscope: Interpreter", venvProgram("python"), () =>
        readFileSync(settingsFile(session.profile, "Machine"), "utf8").includes(venvProgram("python")),
      );
      await bench.backTo("broken.py");
      await expectWorking(bench);
      await message.waitFor({ state: "detached" });
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
    own: true,
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
];
