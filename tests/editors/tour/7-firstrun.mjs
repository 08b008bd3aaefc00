// The walkthrough, and the release that files are checked against.
import { ask, environment, openWalkthrough, showFinding, take } from "../cases/firstrun.mjs";

export const tests = [
  {
    name: "the walkthrough",
    async run(session) {
      const bench = await openWalkthrough(session);
      await session.shot("walkthrough-start", { x: 150, y: 90, width: 980, height: 620 });
      await take(bench, "Open a program that looks right", "Open the sample");
      await showFinding(bench);
      await session.shot("walkthrough");
    },
  },
  {
    name: "the release found",
    async run(session) {
      environment(session, ".venv", "ag2==0.12.3");
      const bench = await session.open("broken.py");
      await bench.waitForStatus(/AG2 0\.12\.3.*installed for \.venv/);
      await bench.page.locator("#status\\.languageStatus").hover();
      await bench.page.locator(".hover-language-status").first().waitFor();
      await session.shot("status", { x: 640, y: 620, width: 640, height: 180 });
      await bench.leave();
      await ask(bench, "Callscope: Select AutoGen Release");
      await session.shot("release", { x: 320, y: 0, width: 640, height: 400 });
    },
  },
];
