// What a finding means, and what a contract promises, is read beside the code.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { expectSoon } from "../poll.mjs";

const FILE = "broken.py";

/** What the preview beside the code shows. */
export async function preview(bench, pattern) {
  return expectSoon(`a page ${pattern}`, async () => {
    for (const frame of bench.page.frames()) {
      const text = await frame.locator("body.vscode-body").innerText({ timeout: 500 }).catch(() => "");
      if (pattern.test(text)) return text;
    }
    throw new Error("no frame shows it");
  });
}

async function closeOthers(bench) {
  await bench.command("View: Close Editors in Other Groups");
  await bench.page.locator("iframe.webview").first().waitFor({ state: "detached" });
}

export const tests = [
  {
    name: "a finding is explained beside the code: from the palette, the menu, the hover and its code",
    async run(session) {
      const bench = await session.open(FILE);
      await bench.squiggles.first().waitFor();
      await bench.goTo(13, 45);
      await bench.command("Callscope: Explain This Finding");
      const page = await preview(bench, /reply-signature/);
      assert.match(page, /broken\.py, line 13/);
      assert.match(page, /What AG2 [\d.]+ promises/);
      assert.match(page, /When it stays silent/i);
      await session.shot("explain-command");

      await bench.goTo(13, 45);
      await closeOthers(bench);
      await (await bench.quickFixes(/Explain CB201/)).click();
      await preview(bench, /broken\.py, line 13/);

      await bench.goTo(13, 45);
      await closeOthers(bench);
      await bench.hover(/Explain/);
      await session.shot("explain-hover");
      await bench.hoverBox.getByText("Explain", { exact: true }).first().click();
      await preview(bench, /broken\.py, line 13/);

      await bench.goTo(13, 45);
      await closeOthers(bench);
      await bench.showProblems();
      await bench.problems.filter({ hasText: "CB201" }).first().getByText("CB201").click({ modifiers: ["Control"] });
      await preview(bench, /broken\.py, line 13/);
      await session.shot("explain-code");
    },
  },
  {
    name: "of several findings one is picked; a contract is shown for the symbol at the cursor",
    async run(session) {
      const twice = `
import autogen
one = autogen.ConversableAgent("one", llm_config=False, human_input_mode="NEVER")
two = autogen.ConversableAgent("two", llm_config=False, human_input_mode="NEVER")
def first(message): return True, "a"
def mask(content): return content
one.register_reply([autogen.Agent, None], first); two.register_reply([autogen.Agent, None], first)
one.register_hook("process_last_received_message", mask)
two.initiate_chat(one, message="hello", max_turns=1)
`;
      writeFileSync(path.join(session.workspace, FILE), twice);
      const bench = await session.open(FILE);
      await bench.squiggles.nth(1).waitFor();
      await bench.goTo(7, 1);
      await bench.command("Callscope: Explain This Finding");
      const rows = bench.page.locator(".quick-input-list .monaco-list-row", { hasText: "CB201" });
      await rows.nth(1).waitFor();
      await session.shot("explain-pick");
      await rows.first().click();
      await preview(bench, /line 7/);

      await bench.goTo(6, 6);
      await bench.command("Callscope: Show Contract");
      const page = await preview(bench, /Contract of mask/);
      assert.match(page, /process_last_received_message hook/);
      await session.shot("contract");

      await bench.goTo(2, 1);
      await bench.command("Callscope: Show Contract");
      await bench.notifications.filter({ hasText: "no contract here" }).waitFor();
    },
  },
];
