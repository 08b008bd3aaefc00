// What a finding means, and what a contract promises, is read beside the code.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { expectSoon } from "../poll.mjs";
import { ask, pick } from "./firstrun.mjs";

const FILE = "broken.py";

const TWO_ON_A_LINE = `from autogen import AssistantAgent, UserProxyAgent

assistant = AssistantAgent("assistant", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

def on_reply(message):
    return False, None


assistant.register_reply("usre", on_reply)
user.initiate_chat(assistant, message="Hello", max_turns=1)
`;

/** What the preview beside the code shows. */
export async function preview(bench, pattern, how) {
  return expectSoon(`a page ${pattern}`, async () => {
    // Each web view is a frame in a frame; only the inner one has something to read.
    for (const frame of bench.page.frames().filter((each) => each.parentFrame()?.parentFrame())) {
      const text = await frame.locator("body.vscode-body").innerText({ timeout: 500 }).catch(() => "");
      if (pattern.test(text)) return text;
    }
    throw new Error("no frame shows it");
  }, how);
}

export const tests = [
  {
    name: "a finding is explained beside the code",
    async run(session) {
      const bench = await session.open(FILE);
      await bench.squiggles.first().waitFor();
      await bench.goTo(13, 45);
      const fix = await bench.quickFixes(/Explain CB201/);
      await fix.click();
      await preview(bench, /broken\.py, line 13/);

      await bench.clear();
      await bench.openFile(FILE);
      await bench.squiggles.first().waitFor();
      await bench.goTo(13, 45);
      await bench.command("Callscope: Explain This Finding");
      const page = await preview(bench, /reply-signature/);
      assert.match(page, /broken\.py, line 13/);
      assert.match(page, /What AG2 [\d.]+ promises/);
      assert.match(page, /When it stays silent/i);
      await session.shot("explain-command");
    },
  },
  {
    name: "a finding's links lead to its own page; of several on a line one is picked",
    async run(session) {
      writeFileSync(path.join(session.workspace, FILE), TWO_ON_A_LINE);
      const bench = await session.open(FILE);
      await bench.squiggles.nth(1).waitFor();
      await bench.goTo(10);
      await ask(bench, "Callscope: Explain This Finding");
      await session.shot("explain-which");
      await pick(bench, "CB201");
      await preview(bench, /^CB201[^]*line 10/);

      await bench.clear();
      await bench.openFile(FILE);
      await bench.hover(/CB401/);
      await bench.hoverBox.locator("a", { hasText: "Explain" }).first().click();
      await preview(bench, /^CB401[^]*line 10/);

      await bench.clear();
      await bench.openFile(FILE);
      await bench.showProblems();
      // The list scrolls to the link, and another row may be under the mouse when it is pressed.
      await expectSoon("the page behind the code in Problems", async () => {
        await bench.problems.locator("a", { hasText: "CB201" }).click({ timeout: 5000 });
        await preview(bench, /^CB201[^]*line 10/, { timeout: 10_000 });
      });
      await session.shot("explain-problem");
    },
  },
  {
    own: true,
    name: "a page that is open when the window is left is there again when it comes back",
    async run(session) {
      const bench = await session.open(FILE);
      await bench.squiggles.first().waitFor();
      await bench.goTo(13, 45);
      await bench.command("Callscope: Explain This Finding");
      await preview(bench, /broken\.py, line 13/);
      // The editor keeps what a web view shows only some seconds later.
      await bench.page.waitForTimeout(7000);
      await bench.page.goto(session.host.folderUrl(session.workspace));
      await preview(bench, /broken\.py, line 13/);
    },
  },
  {
    name: "a contract is shown for the symbol at the cursor",
    async run(session) {
      const source = `
import autogen
one = autogen.ConversableAgent("one", llm_config=False, human_input_mode="NEVER")
two = autogen.ConversableAgent("two", llm_config=False, human_input_mode="NEVER")
def mask(content): return content
one.register_hook("process_last_received_message", mask)
two.initiate_chat(one, message="hello", max_turns=1)
`;
      writeFileSync(path.join(session.workspace, FILE), source);
      const bench = await session.open(FILE);
      await bench.waitForStatus(/AG2/);
      await bench.goTo(5, 6);
      await bench.command("Callscope: Show Contract");
      const page = await preview(bench, /Contract of mask/);
      assert.match(page, /process_last_received_message hook/);
      await session.shot("contract");
    },
  },
];
