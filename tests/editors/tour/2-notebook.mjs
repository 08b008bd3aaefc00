// A notebook, from what is wrong in one cell to the fix in another, and to what saving mends.
import { cell, CELLS, openNotebook, quickFix, squiggles, writeNotebook } from "../notebooks.mjs";

const UNTITLED = CELLS.filter(({ kind }) => kind === "code");

export const tests = [
  {
    name: "a notebook",
    async run(session) {
      writeNotebook(session.workspace, "agents.ipynb", UNTITLED);
      const settings = {
        // A save by itself that is under way would swallow the one that was asked for.
        "files.autoSave": "off",
        "notebook.codeActionsOnSave": { "notebook.source.fixAll.callscope": "explicit" },
      };
      const bench = await openNotebook(session, "agents.ipynb", { settings, scale: 1.25 });
      await squiggles(bench, "register_reply").first().waitFor();
      await squiggles(bench, "a_initiate_chat").first().waitFor();
      await bench.page.waitForTimeout(1500); // lenses come a moment later
      await session.shot("notebook-underlined");
      const fix = await quickFix(bench, "register_reply", "on_reply", /Give `?on_reply/);
      await session.shot("notebook-fixes");
      await fix.click();
      await squiggles(bench, "register_reply").first().waitFor({ state: "detached" });
      await bench.press("Control+s");
      await cell(bench, "await user.a_initiate_chat").first().waitFor();
      await bench.leave();
      await bench.page.waitForTimeout(1500);
      await session.shot("notebook-fixed");
    },
  },
];
