// All files of a workspace, while they are checked and afterwards; the settings.
import { checkUnderWay, openBar, writeDesks } from "../cases/workspace.mjs";

export const tests = [
  {
    name: "a whole workspace",
    async run(session) {
      writeDesks(session, { desks: 80, callbacks: 20 });
      const bench = await session.open("support.py");
      await bench.waitForStatus(/AG2/);
      await checkUnderWay(bench);
      await bench.notifications.filter({ hasText: /[2-9]\d of \d+ files/ }).waitFor();
      await session.shot("workspace-under-way", { x: 0, y: 600, width: 1280, height: 200 });
      await bench.page.locator(".statusbar-item", { hasText: "findings in" }).waitFor();
      await bench.problems.filter({ hasText: "desk_01.py" }).first().waitFor();
      await session.shot("workspace", { x: 0, y: 400, width: 1280, height: 400 });
    },
  },
  {
    name: "a whole workspace, by itself",
    async run(session) {
      writeDesks(session, { desks: 240, callbacks: 30 });
      session.writeWorkspaceSettings({ "callscope.diagnosticMode": "workspace" });
      const bench = await session.open("support.py");
      await bench.page.locator(".statusbar-item", { hasText: /workspace: [2-9]\d of \d+ files/ }).waitFor();
      await session.shot("workspace-by-itself", { x: 0, y: 740, width: 640, height: 60 });
      await (await openBar(bench)).getByRole("button", { name: "Cancel" }).waitFor();
      await session.shot("workspace-cancel", { x: 800, y: 640, width: 480, height: 160 });
    },
  },
  {
    name: "the settings",
    async run(session) {
      const bench = await session.open("support.py");
      await bench.waitForStatus(/AG2/);
      await bench.command("Preferences: Open User Settings");
      await bench.page.locator(".settings-editor .suggest-input-container").first().waitFor();
      await bench.type("@ext:callscope.callscope");
      await bench.page.locator(".setting-item-contents", { hasText: "Callscope: Enable" }).first().waitFor();
      // Off the box for the search: what it suggests covers what it has found.
      await bench.page.locator(".setting-item-contents", { hasText: "Callscope: Target" }).locator(".setting-item-label").click();
      await bench.page.waitForTimeout(1000); // the list is laid out anew
      await session.shot("settings", { x: 120, y: 70, width: 1040, height: 660 });
    },
  },
];
