// A mistake from the first squiggle to the fix.
import assert from "node:assert/strict";
import { expectSoon } from "../poll.mjs";
import { openMistake } from "../cases/mistake.mjs";

export const tests = [
  {
    name: "a mistake",
    async run(session) {
      const bench = await openMistake(session, { scale: 1 });
      await bench.showProblems();
      await bench.hover(/CB201/);
      await session.shot("explained");
      await bench.leave();
      await bench.problems.filter({ hasText: "CB201" }).first().dblclick();
      const fix = await bench.quickFixes(/parameter|argument|signature/i);
      await session.shot("fixes");
      await fix.click();
      await bench.squiggles.first().waitFor({ state: "detached" });
      // What stands beside the code and in the panel follows.
      await bench.problems.filter({ hasText: "CB201" }).first().waitFor({ state: "detached" });
      await expectSoon("the hint behind the function", async () =>
        assert.match(await bench.text(), /config=None\):\s*as \(recipient/),
      );
      await bench.editor.locator(".codelens-decoration", { hasText: "fires for" }).first().waitFor();
      await session.shot("fixed");
    },
  },
];
