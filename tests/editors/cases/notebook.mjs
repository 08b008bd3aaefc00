// A notebook: each cell is underlined for what is wrong in it, a fix changes the cells that have to change.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { cell, openNotebook, squiggles, takeQuickFix, writeNotebook } from "../notebooks.mjs";
import { expectSoon } from "../poll.mjs";

const sources = (file) => JSON.parse(readFileSync(file, "utf8")).cells.map(({ source }) => source.join(""));

export const tests = [
  {
    name: "a notebook is underlined cell by cell, and its cells are fixed together",
    async run(session) {
      const file = writeNotebook(session.workspace, "agents.ipynb");
      const outputs = JSON.parse(readFileSync(file, "utf8")).cells.map((each) => each.outputs);
      session.writeWorkspaceSettings({
        // All cells are on the screen: those that are not, the editor does not draw.
        "editor.fontSize": 12,
        "editor.lineHeight": 1.3,
        "notebook.codeActionsOnSave": { "notebook.source.fixAll.callscope": "explicit" },
      });
      const bench = await openNotebook(session, "agents.ipynb");
      await squiggles(bench, "register_reply").first().waitFor();
      await squiggles(bench, "a_initiate_chat").first().waitFor();
      assert.equal(await squiggles(bench, "def on_reply").count(), 0, "the registration is underlined");
      assert.equal(await squiggles(bench, "UserProxyAgent(").count(), 0);
      await session.shot("notebook-underlined");

      // What is typed in one cell changes what is found in another.
      await cell(bench, "def on_reply").locator(".view-line").first().click();
      await bench.press("End", "ArrowLeft", "ArrowLeft");
      await bench.type(", sender, config");
      await squiggles(bench, "register_reply").first().waitFor({ state: "detached" });
      const begun = cell(bench, "def on_reply(recipient, messages):");
      for (let undone = 0; undone < 20 && !(await begun.count()); undone++) {
        await bench.press("Control+z");
        await bench.page.waitForTimeout(200);
      }
      await squiggles(bench, "register_reply").first().waitFor();

      // A quick fix at the registration changes the cell of the function.
      await takeQuickFix(bench, "register_reply", "on_reply", /Give `?on_reply/);
      await squiggles(bench, "register_reply").first().waitFor({ state: "detached" });
      await cell(bench, "sender=None, config=None").first().waitFor();

      // Saving fixes the rest, and leaves the outputs alone.
      // The editor drops what a save would mend if any extension begins to offer actions meanwhile: saved again then.
      let saves = 0;
      await expectSoon("the saved notebook", async () => {
        if (saves++) console.log("    The notebook is saved once more: nothing was mended");
        await bench.press("Control+s");
        await bench.page.waitForTimeout(3000);
        const saved = sources(file);
        assert.match(saved[2], /^def on_reply\(recipient, messages, sender=None, config=None\):/);
        assert.match(saved[4], /^%%time\ntalk = await user\.a_initiate_chat\(/);
      });
      const after = JSON.parse(readFileSync(file, "utf8")).cells.map((each) => each.outputs);
      assert.deepEqual(after, outputs);
      await session.shot("notebook-fixed");
      assert.equal(await bench.notifications.count(), 0, "nothing pops up");
    },
  },
];
