// Commands that are given where they make no sense: each is out of the list, or says why nothing happens.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";

/** The commands of Callscope that the palette offers. */
async function offered(bench) {
  await bench.quickInput("F1", ">Callscope: ");
  const rows = bench.page.locator(".quick-input-list .monaco-list-row", { hasText: "Callscope: " });
  await rows.first().waitFor();
  const names = await rows.locator(".quick-input-list-label").allInnerTexts();
  await bench.press("Escape");
  return names.map((name) => name.trim().replace("Callscope: ", ""));
}

/** Runs a command and waits for the message that it answers with. */
async function expectAnswer(bench, title, text) {
  await bench.command(`Callscope: ${title}`);
  await bench.notifications.filter({ hasText: text }).first().waitFor();
  await bench.command("Notifications: Clear All Notifications");
}

export const tests = [
  {
    own: true,
    name: "the first command in a window wakes the extension up, and is answered",
    async run(session) {
      writeFileSync(path.join(session.workspace, "notes.md"), "# Notes\n");
      const bench = await session.open("notes.md");
      await bench.command("Callscope: Check Workspace");
      await bench.page.locator(".statusbar-item", { hasText: /findings in \d of \d files/ }).waitFor();
      await bench.problems.filter({ hasText: "CB201" }).first().waitFor();
      assert.equal(await bench.notifications.count(), 0, "nothing pops up");

      await bench.hidePanel();
      const names = await offered(bench);
      assert.ok(names.includes("Check Workspace"), String(names));
      for (const name of ["Explain This Finding", "Show Contract", "Cancel Workspace Check", "Fix the Sample"])
        assert.ok(!names.includes(name), `${name} is offered in a Markdown file`);
    },
  },
  {
    name: "commands say why nothing happens: no finding, no contract, switched off",
    async run(session) {
      writeFileSync(path.join(session.workspace, "plain.py"), "print('no agents here')\n");
      const bench = await session.open("plain.py");
      await bench.waitForStatus(/Callscope \d/);
      await expectAnswer(bench, "Explain This Finding", "found nothing in this file");
      await expectAnswer(bench, "Show Contract", "knows of no contract here");

      session.writeWorkspaceSettings({ "callscope.enable": false });
      await bench.waitForStatus(/Callscope: off/);
      for (const title of ["Explain This Finding", "Show Contract", "Check Workspace", "Restart Server"])
        await expectAnswer(bench, title, "Callscope is switched off in the settings");
      await session.shot("commands-off");
      session.writeWorkspaceSettings({});
      await bench.waitForStatus(/Callscope \d/);
    },
  },
];
