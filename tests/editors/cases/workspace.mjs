// All files of the workspace, open or not; several folders in one window.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expectSoon } from "../poll.mjs";
import { ask, pick } from "./firstrun.mjs";

/** A module with one mistake that takes a moment to check. */
const slow = (callbacks) => `from autogen import Agent, AssistantAgent, UserProxyAgent

assistant = AssistantAgent("assistant", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


def refuse(message):
    return False, None


assistant.register_reply([Agent, None], refuse)
${Array.from({ length: callbacks }, (_, number) => callback(number)).join("")}
user.initiate_chat(assistant, message="Hello", max_turns=1)
`;

const callback = (number) => `

def answer_${number}(recipient, messages, sender, config):
    return "refund" in messages[-1]["content"], "Please write to us."


assistant.register_reply([Agent, None], answer_${number})
`;

/** Fills the workspace with so many modules that a check of all takes some seconds. */
export function writeDesks(session, { desks = 50, callbacks = 30 } = {}) {
  mkdirSync(path.join(session.workspace, "desks"));
  for (let number = 1; number <= desks; number++)
    writeFileSync(path.join(session.workspace, "desks", `desk_${String(number).padStart(2, "0")}.py`), slow(callbacks));
}

/** The message that says how far the check of all files is, once it is under way. */
export async function checkUnderWay(bench) {
  await bench.command("Callscope: Check Workspace");
  const bar = bench.notifications.filter({ hasText: /checking the workspace: \d+ of \d+ files/ });
  await bar.waitFor();
  return bar;
}

/** What the status bar shows of a check that began by itself, opened by a click. */
export async function openBar(bench) {
  const item = bench.page.locator(".statusbar-item", { hasText: /checking the workspace: \d+ of \d+ files/ });
  await item.waitFor();
  assert.equal(await bench.notifications.count(), 0, "nothing pops up");
  await item.click();
  const bar = bench.page.locator(".notifications-center .notification-list-item", { hasText: "checking the workspace" });
  await bar.waitFor();
  return bar;
}

/** What the status bar says of a check that was cancelled: the files checked, and what was found in them. */
async function cancelled(bench) {
  const result = bench.page.locator(".statusbar-item", { hasText: /cancelled after \d+ of \d+ files/ });
  const [, checked, findings] = /after (\d+) of \d+ files, findings so far: (\d+)/.exec(await result.innerText());
  return [Number(checked), Number(findings)];
}

/** How many problems the editor knows of, as its status bar tells. */
async function problemCount(bench) {
  const label = await bench.page.locator("#status\\.problems a").getAttribute("aria-label");
  return (label.match(/\d+/g) ?? []).map(Number).reduce((sum, each) => sum + each, 0);
}

export const tests = [
  {
    name: "a check of the workspace is cancelled, keeps what it has found, and is begun again",
    async run(session) {
      writeDesks(session);
      const bench = await session.open("support.py");
      await bench.waitForStatus(/Callscope \d/);
      const bar = await checkUnderWay(bench);
      await expectSoon("first findings", async () => assert.ok((await problemCount(bench)) > 0));
      await session.shot("workspace-under-way");
      await bar.getByRole("button", { name: "Cancel" }).click();
      const result = bench.page.locator(".statusbar-item", { hasText: /cancelled after \d+ of \d+ files/ });
      const said = await result.innerText();
      const [, checked, files, findings] = /after (\d+) of (\d+) files, findings so far: (\d+)/.exec(said).map(Number);
      assert.ok(0 < checked && checked < files, said);
      await bar.waitFor({ state: "detached" });
      await expectSoon("what was found by then", async () => assert.equal(await problemCount(bench), findings));
      await session.shot("workspace-cancelled");

      // Again, and to the end: each desk has its finding, and the file of the other tests too.
      await checkUnderWay(bench);
      await bench.page.locator(".statusbar-item", { hasText: new RegExp(`findings in \\d+ of ${files} files`) }).waitFor();
      await expectSoon("a finding for each desk", async () => assert.ok((await problemCount(bench)) > 50));
    },
  },
  {
    name: "a check that begins by itself shows no message unless asked, and is cancelled in three places",
    async run(session) {
      const bench = await session.open("support.py");
      await bench.waitForStatus(/Callscope \d/);
      writeDesks(session, { desks: 300 });
      session.writeWorkspaceSettings({ "callscope.diagnosticMode": "workspace" });
      const bar = await openBar(bench);
      await session.shot("workspace-by-itself");
      await bar.getByRole("button", { name: "Cancel" }).click();
      const [checked, findings] = await cancelled(bench);
      assert.ok(0 < findings && checked < 300, `${findings} findings in ${checked} files`);
      // The editor has told of some files because they are new, too.
      const kept = await problemCount(bench);
      assert.ok(findings <= kept && kept < 300, `${kept} are shown`);
      await bench.waitForStatus(/check of the workspace was cancelled.*Check Again/);

      // By the keyboard.
      await bench.command("Callscope: Check Workspace");
      await bench.notifications.filter({ hasText: /checking the workspace: \d+ of/ }).waitFor();
      await bench.command("Callscope: Cancel Workspace Check");
      const [again] = await cancelled(bench);
      assert.ok(again < 300, `${again} files were checked`);

      // Where it says that it is under way, and afterwards that it was cancelled.
      await bench.clickInStatus("Check Again");
      await bench.notifications.filter({ hasText: /checking the workspace: \d+ of/ }).waitFor();
      await bench.clickInStatus("Cancel");
      await bench.waitForStatus(/check of the workspace was cancelled/);

      // Nothing is left to be cancelled, and nothing is said any more of a check that nobody wants.
      await bench.quickInput("F1", ">Callscope: Check Workspace");
      await bench.page.locator(".quick-input-list .monaco-list-row", { hasText: "Check Workspace" }).waitFor();
      assert.equal(await bench.page.locator(".quick-input-list", { hasText: "Cancel Workspace Check" }).count(), 0);
      await bench.press("Escape");
      session.writeWorkspaceSettings({});
      await bench.waitForStatus(/Callscope \d[^]*Python 3/);
    },
  },
  {
    own: true,
    name: "folders of one window have settings of their own, heeded as they change",
    async run(session) {
      const broken = readFileSync(path.join(session.workspace, "broken.py"), "utf8");
      for (const root of ["shop", "bank"]) {
        mkdirSync(path.join(session.workspace, root));
        writeFileSync(path.join(session.workspace, root, `${root}.py`), broken);
      }
      session.writeWorkspaceSettings({ "callscope.severity": { CB2: "information" }, "callscope.diagnosticMode": "workspace" }, "bank");
      const bench = await session.open("shop/shop.py", { roots: ["shop", "bank"] });
      await bench.editor.locator(".squiggly-error").first().waitFor();
      await bench.showProblems();
      const inBank = bench.problems.filter({ hasText: "CB201" });
      const row = (file) => bench.problems.filter({ hasText: file });
      await row("shop.py").first().waitFor();
      await row("bank.py").first().waitFor();
      await session.shot("roots");

      // What one folder leaves out, the other still reports, as it wants to.
      session.writeWorkspaceSettings({ "callscope.ignore": ["CB2"] }, "shop");
      await bench.squiggles.first().waitFor({ state: "detached" });
      await row("shop.py").first().waitFor({ state: "detached" });
      await inBank.first().waitFor();
      await bench.openFile("bank.py");
      await bench.editor.locator(".squiggly-info").first().waitFor();

      // A release is picked for the folder of the file in front.
      await ask(bench, "Callscope: Select AutoGen Release");
      await pick(bench, "AutoGen 0.2.40");
      await bench.waitForStatus(/AutoGen 0\.2\.40.*set in the settings/);
      const written = path.join(session.workspace, "bank", ".vscode", "settings.json");
      assert.match(readFileSync(written, "utf8"), /autogen-agentchat==0\.2\.40/);
      await bench.openFile("shop.py");
      await bench.waitForStatus(/No AutoGen found/);
    },
  },
];
