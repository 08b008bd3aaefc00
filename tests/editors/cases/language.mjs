// In an editor that speaks German, the extension does.
import assert from "node:assert/strict";
import { step } from "./firstrun.mjs";

const ENGLISH = /\b(the|found|installed|server|workspace|finding|show)\b/i;

export const tests = [
  {
    own: true,
    name: "in German, what the extension itself says is German, and fits",
    async run(session) {
      const bench = await session.open("broken.py", { language: "de" });
      await bench.waitForStatus(/Callscope \d.*Protokoll anzeigen/);
      const release = await bench.waitForStatus(/Kein AutoGen gefunden.*geprüft gegen AG2 0\.14\.1/);
      assert.doesNotMatch(release, ENGLISH);
      await bench.page.locator("#status\\.languageStatus").hover();
      const link = bench.page.locator(".hover-language-status a", { hasText: "Ändern" });
      const { x, width } = await link.boundingBox();
      assert.ok(x + width < 1280, "the link is in the window");
      await session.shot("german-status");
      await bench.leave();

      await bench.quickInput("F1", ">Callscope: ");
      await bench.page.locator(".quick-input-list .monaco-list-row", { hasText: "Arbeitsbereich prüfen" }).waitFor();
      await session.shot("german-commands");
      await bench.press("Escape");
      await bench.command("Callscope: Arbeitsbereich prüfen");
      await bench.page.locator(".statusbar-item", { hasText: /Callscope: 2 Befunde in 2 von \d Dateien/ }).waitFor();
      await bench.hidePanel();

      await bench.command("Callscope: Erste Schritte");
      await step(bench, "Ein Programm öffnen, das richtig aussieht").getByRole("button", { name: "Beispiel öffnen" }).waitFor();
      await session.shot("german-walkthrough");
    },
  },
];
