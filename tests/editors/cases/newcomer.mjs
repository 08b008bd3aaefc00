// Somebody new: from the .vsix to the fixed file, without reading anything, against the clock.
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../../../scripts/lib.mjs";
import { installExtension } from "../host.mjs";
import { expectSoon } from "../poll.mjs";
import { memory, otherServer } from "../processes.mjs";

const LIMIT_S = 60;

/** Does one thing after the other and notes how long each took. */
class Steps {
  #started = performance.now();
  all = [];

  async take(what, work) {
    const begun = performance.now();
    const result = await work();
    this.all.push({ step: what, seconds: Number(((performance.now() - begun) / 1000).toFixed(1)) });
    return result;
  }

  get seconds() {
    return Number(((performance.now() - this.#started) / 1000).toFixed(1));
  }
}

/** What VS Code itself says the extension took to activate, in milliseconds. */
async function activationTime(bench) {
  await bench.command("Developer: Show Running Extensions");
  const row = bench.page.locator(".runtime-extensions-editor .monaco-list-row", { hasText: "callscope" });
  return expectSoon("the activation time", async () => {
    const found = /(\d+)\s*ms/.exec(await row.first().innerText({ timeout: 5000 }));
    if (!found) throw new Error("it is not shown yet");
    return Number(found[1]);
  });
}

export const tests = [
  {
    // It is timed.
    alone: true,
    name: "a newcomer gets from the .vsix to the fixed file in under a minute",
    async run(session) {
      const file = path.join(session.workspace, "broken.py");
      session.extensions = path.join(session.folder, "fresh");
      const steps = new Steps();
      await steps.take("Install the .vsix into a fresh profile", () =>
        installExtension(session.profile, session.extensions, session.vsix),
      );
      const bench = await steps.take("Open the file in VS Code", () => session.open("broken.py"));
      await steps.take("See the callback underlined", () => bench.squiggles.first().waitFor());
      await steps.take("Click on it, press Ctrl+. and Enter", async () => {
        await expectSoon("the fixes for what was clicked", async () => {
          await bench.press("Escape");
          const box = await bench.squiggles.first().boundingBox({ timeout: 2000 });
          await bench.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
          await bench.press("Control+.");
          await bench.menu.filter({ hasText: "on_reply" }).first().waitFor({ timeout: 4000 });
        });
        await bench.press("Enter");
      });
      await steps.take("See the underline go", () => bench.squiggles.first().waitFor({ state: "detached" }));
      await steps.take("Save the fixed file", async () => {
        await bench.press("Control+s");
        await expectSoon("the saved file", () =>
          assert.match(readFileSync(file, "utf8"), /def on_reply\(recipient, messages/),
        );
      });
      const { seconds } = steps;
      await session.shot("newcomer");
      const told = {
        steps: steps.all,
        seconds,
        vsix: path.basename(session.vsix),
        megabytes: Number((statSync(session.vsix).size / 1e6).toFixed(1)),
        memoryOfServerInMegabytes: Math.round(memory(await otherServer(session, 0))),
        activationInMilliseconds: await activationTime(bench),
      };
      writeFileSync(path.join(ROOT, "artifacts", "editor", "newcomer.json"), JSON.stringify(told, null, 2));
      for (const { step, seconds: took } of told.steps) console.log(`    ${step}: ${took} s`);
      console.log(
        `    ${seconds} s in all; .vsix ${told.megabytes} MB, activated in ${told.activationInMilliseconds} ms, ` +
          `server ${told.memoryOfServerInMegabytes} MB`,
      );
      assert.ok(seconds < LIMIT_S, `${seconds} s is more than ${LIMIT_S} s`);
    },
  },
];
