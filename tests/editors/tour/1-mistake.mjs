// A mistake from the first squiggle to the fix.
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
      await session.shot("fixed");
    },
  },
];
