// A server that ends, or hangs, comes back; files and folders may come and go under it.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { venvProgram } from "../../../scripts/lib.mjs";
import { expectSoon } from "../poll.mjs";
import { expectWorking, killForGood, otherServer, servers } from "../processes.mjs";

// What makes the server hang on a file that begins with these words, and give up after two seconds.
const HANG = "# hang";
const HANGING = `
from callscope.lsp import analysis

analysis.CHECK_LIMIT, _check = 2.0, analysis.check


def _hanging(project, source, *rest):
    while source.text.startswith("${HANG}"):
        pass
    return _check(project, source, *rest)


analysis.check = _hanging
`;

/** A Python that finds these modules before all others. */
function pythonWith(session, name, modules) {
  const folder = path.join(session.folder, name);
  for (const [module, text] of Object.entries(modules)) {
    mkdirSync(path.dirname(path.join(folder, module)), { recursive: true });
    writeFileSync(path.join(folder, module), text);
  }
  const python = path.join(folder, "python");
  writeFileSync(python, `#!/bin/sh\nPYTHONPATH="${folder}:$PYTHONPATH" exec "${venvProgram("python")}" "$@"\n`);
  chmodSync(python, 0o755);
  return python;
}

export const tests = [
  {
    name: "the restart command starts a new server, which reports again",
    async run(session) {
      const bench = await session.open("broken.py");
      await expectWorking(bench);
      const first = await otherServer(session, 0);
      await bench.command("Callscope: Restart Server");
      await otherServer(session, first);
      await expectWorking(bench);
    },
  },
  {
    name: "a killed server is replaced; one that keeps dying is reported and can be restarted",
    async run(session) {
      const bench = await session.open("broken.py");
      const pid = await killForGood(session, bench);
      const message = bench.notifications.filter({ hasText: "stopped several times" });
      await message.waitFor();
      await bench.waitForStatus(/stopped/);
      await session.shot("crashed");
      await message.getByRole("button", { name: "Restart Server" }).click();
      await otherServer(session, pid);
      await expectWorking(bench);
    },
  },
  {
    name: "a check that hangs is stopped and told of, and the file is checked again once it changes",
    async run(session) {
      const hanging = pythonWith(session, "hanging", { "sitecustomize.py": HANGING });
      session.writeWorkspaceSettings({ "callscope.interpreter": hanging });
      const bench = await session.open("broken.py");
      await bench.waitForStatus(/Callscope \d.*hanging/);
      await bench.squiggles.first().waitFor();
      const pid = await otherServer(session, 0);
      await bench.goTo(1);
      await bench.type(`${HANG}\n`);
      await bench.showProblems();
      const told = bench.problems.filter({ hasText: "This file is not checked" });
      await told.waitFor();
      await session.shot("hanging");
      await bench.goTo(1);
      await bench.type("# not any more: ");
      await told.waitFor({ state: "detached" });
      await bench.problems.filter({ hasText: "CB201" }).first().waitFor();
      assert.deepEqual(servers(session), [pid], "the server goes on");
    },
  },
  {
    name: "without libcst the status says that nothing can be fixed, and so does the menu",
    async run(session) {
      // As in the package that fits any platform: a folder of that name may be there, its native part is not.
      const limited = pythonWith(session, "limited", { "libcst/__init__.py": "" });
      session.writeWorkspaceSettings({ "callscope.interpreter": limited });
      const bench = await session.open("broken.py");
      await bench.waitForStatus(/Callscope \d.*No fixes: libcst is missing.*Show Why/);
      await bench.squiggles.first().waitFor();
      assert.match(await bench.hover(/CB201/), /on_reply\(recipient, messages/);
      await bench.leave();
      await bench.goTo(13, 45);
      const why = await bench.quickFixes(/No fixes: libcst is missing/);
      await session.shot("no-fixes");
      await why.click();
      await bench.notifications.filter({ hasText: "Install the package of Callscope for this platform" }).waitFor();
    },
  },
  {
    spoils: true,
    name: "a file that changes on disk is checked again, and nothing breaks when its folder is deleted",
    async run(session) {
      const bench = await session.open("broken.py");
      await expectWorking(bench);
      const pid = await otherServer(session, 0);
      const file = path.join(session.workspace, "broken.py");
      const broken = readFileSync(file, "utf8");
      writeFileSync(file, broken.replace("on_reply(message)", "on_reply(recipient, messages, sender, config)"));
      await bench.squiggles.first().waitFor({ state: "detached" });
      writeFileSync(file, broken);
      await bench.squiggles.first().waitFor();

      rmSync(session.workspace, { recursive: true });
      await bench.goTo(9, 1);
      await bench.goTo(9, 14);
      await bench.type("recipient, messages, sender, config, ");
      await expectSoon("the typed text", async () => assert.match(await bench.text(), /config, message/));
      await bench.goTo(9, 51);
      for (let key = 0; key < "message".length; key++) await bench.press("Delete");
      await bench.squiggles.first().waitFor({ state: "detached" });
      await bench.waitForStatus(/Callscope \d/);
      assert.deepEqual(servers(session), [pid], "the server goes on");
      await session.shot("folder-deleted");
    },
  },
];
