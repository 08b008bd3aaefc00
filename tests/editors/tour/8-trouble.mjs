// What is seen where something is missing, goes wrong, or is not trusted; and the extension's own page.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { killForGood } from "../processes.mjs";

const CORNER = { x: 800, y: 620, width: 480, height: 180 };

export const tests = [
  {
    name: "a workspace that is not trusted",
    async run(session) {
      const bench = await session.open("broken.py", {
        trusted: false,
        settings: { "security.workspace.trust.startupPrompt": "never" },
      });
      await bench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
      await bench.squiggles.first().waitFor();
      await bench.waitForStatus(/Callscope \d/);
      await bench.page.locator("#status\\.languageStatus").hover();
      await bench.page.locator(".hover-language-status").first().waitFor();
      await session.shot("restricted");
    },
  },
  {
    name: "no Python",
    async run(session) {
      const bin = path.join(session.folder, "bin");
      mkdirSync(bin);
      const bench = await session.open("broken.py", { environment: { PATH: bin } });
      await bench.notifications.filter({ hasText: "Callscope needs Python 3.10" }).waitFor();
      await session.shot("no-python", CORNER);
    },
  },
  {
    name: "a server that keeps dying",
    async run(session) {
      const bench = await session.open("broken.py");
      await killForGood(session, bench);
      await bench.notifications.filter({ hasText: "stopped several times" }).waitFor();
      await session.shot("stopped", CORNER);
    },
  },
  {
    name: "the extension's own page",
    async run(session) {
      const bench = await session.open("broken.py");
      await bench.waitForStatus(/Callscope \d/);
      await bench.command("Extensions: Show Installed Extensions");
      await bench.page.locator(".extension-list-item", { hasText: "Callscope" }).first().click();
      await bench.page.locator(".extension-editor .name", { hasText: "Callscope" }).waitFor();
      await bench.press("Control+b");
      await bench.page.frameLocator("iframe.webview.ready").frameLocator("#active-frame").locator("h1").waitFor();
      await session.shot("extension", { x: 0, y: 0, width: 1280, height: 440 });
    },
  },
];
