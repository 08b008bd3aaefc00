// The main job: a mistake is underlined while it is typed, explained, and fixed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expectSoon } from "../poll.mjs";

const FILE = "support.py";
const CODE = "CB201";
const FIX = /parameter|argument|signature/i;

/** Types a reply function that takes one argument, and registers it. */
async function typeMistake(bench) {
  await bench.goTo(11);
  await bench.type('\n\ndef on_reply(message):\nlog.info("reply: %s", message)\nreturn False, None');
  // Out of the function's body, whatever indentation the editor has made.
  await bench.press("Enter", "Enter", "Home", "Home", "Shift+End", "Delete");
  await bench.type("\nassistant.register_reply([Agent, None], on_reply)");
}

/** A window with a mistake that was typed and underlined, the panel closed. */
export async function openMistake(session, options) {
  const bench = await session.open(FILE, options);
  await bench.waitForStatus(/Callscope \d/);
  await bench.showProblems();
  await bench.shrinkPanel();
  assert.equal(await bench.squiggles.count(), 0, "a file without mistakes has no squiggle");
  await bench.hidePanel();
  await typeMistake(bench);
  await bench.squiggles.first().waitFor();
  return bench;
}

export const tests = [
  {
    name: "a typed mistake is underlined, listed, explained and fixed",
    async run(session) {
      const bench = await openMistake(session);
      await bench.showProblems();
      const problem = bench.problems.filter({ hasText: CODE }).first();
      await problem.waitFor();
      assert.match(await problem.innerText(), /callscope/i);
      await session.shot("1-underlined");

      const explanation = await bench.hover(new RegExp(CODE));
      assert.match(explanation, /on_reply/);
      await session.shot("2-explained");

      await bench.leave();
      await problem.dblclick();
      const fix = await bench.quickFixes(FIX);
      await session.shot("3-fixes");
      await fix.click();
      await bench.squiggles.first().waitFor({ state: "detached" });
      await bench.problems.filter({ hasText: CODE }).first().waitFor({ state: "detached" });
      const fixed = await bench.text();
      assert.doesNotMatch(fixed, /def on_reply\(message\)/);
      await session.shot("4-fixed");

      await bench.press("Control+s");
      const onDisk = path.join(session.workspace, FILE);
      await expectSoon("the saved file", () => {
        const text = readFileSync(onDisk, "utf8");
        assert.match(text, /def on_reply\(\w+, messages/);
        assert.match(text, /assistant\.register_reply\(\[Agent, None\], on_reply\)/);
      });
    },
  },
];
