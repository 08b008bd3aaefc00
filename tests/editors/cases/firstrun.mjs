// What is shown without being asked for, and what is told when asked.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/** An environment in which, as far as its files tell, a release is installed. */
export function environment(session, name, release) {
  const home = path.join(session.workspace, name);
  const site = path.join(home, "lib", "python3.11", "site-packages");
  mkdirSync(path.join(site, `${release.replace("==", "-")}.dist-info`), { recursive: true });
  writeFileSync(path.join(home, "pyvenv.cfg"), "");
}

const lock = (release) => {
  const [name, version] = release.split("==");
  return `[[package]]\nname = "${name}"\nversion = "${version}"\n`;
};

/** Runs a command that asks something. */
export async function ask(bench, title) {
  await bench.quickInput("F1", `>${title}`);
  await bench.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor();
  await bench.press("Enter");
  await bench.page.locator(".quick-input-title", { hasText: "Callscope" }).waitFor();
}

/** Chooses in the quick pick that is open. */
export async function pick(bench, text) {
  // What does not fit into the list is not there to be clicked.
  await bench.page.locator(".quick-input-widget .quick-input-box input").first().fill(text);
  const row = bench.page.locator(".quick-input-list .monaco-list-row", { hasText: text });
  await row.first().click();
  await bench.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
}

async function copied(bench) {
  await bench.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await bench.command("Callscope: Copy Debug Information");
  const said = bench.notifications.filter({ hasText: "debug information is on the clipboard" });
  await said.first().waitFor();
  return bench.page.evaluate(() => window.navigator.clipboard.readText());
}

/** The step of the walkthrough that has this title. */
export const step = (bench, title) =>
  bench.page.locator(".getting-started-step", { has: bench.page.locator(".step-title", { hasText: title }) });

/** The walkthrough, with the picture of its first step. */
export async function openWalkthrough(session) {
  const bench = await session.open("support.py");
  await bench.waitForStatus(/Callscope \d/);
  await bench.command("Callscope: Get Started");
  await step(bench, "Open a program that looks right").waitFor();
  const media = bench.page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
  await media.locator("svg").waitFor();
  return bench;
}

/** Presses the button of a step, and waits for its tick. */
export async function take(bench, title, button) {
  const here = step(bench, title);
  if (!(await here.getByRole("button", { name: button }).isVisible())) await here.click();
  await here.getByRole("button", { name: button }).click();
  await here.locator(".codicon-getting-started-step-checked.complete").waitFor();
}

/** Presses the button that shows the finding. */
export async function showFinding(bench) {
  await take(bench, "See why its callback never fires", "Show the finding");
  const widget = bench.page.locator(".marker-widget", { hasText: "decline_refunds" });
  await widget.first().waitFor({ timeout: 5000 });
}

export const tests = [
  {
    name: "the walkthrough shows a mistake and mends it in three clicks, and ticks its steps off",
    async run(session) {
      const before = readdirSync(session.workspace, { recursive: true }).sort();
      const bench = await openWalkthrough(session);
      await session.shot("walkthrough-1");
      await take(bench, "Open a program that looks right", "Open the sample");
      const sample = bench.page.locator(".editor-instance .monaco-editor", { hasText: "decline_refunds" });
      await sample.first().locator(".squiggly-error").first().waitFor();
      await showFinding(bench);
      await session.shot("walkthrough-2");
      await take(bench, "Apply the fix", "Apply the fix");
      await sample.first().locator(".squiggly-error").first().waitFor({ state: "detached" });
      await sample.getByText('"customer", decline_refunds').waitFor();
      await session.shot("walkthrough-3");
      assert.equal(await bench.notifications.count(), 0, "nothing pops up");
      const after = readdirSync(session.workspace, { recursive: true }).sort();
      assert.deepEqual(after, before, "nothing is written to the user's folder");
    },
  },
  {
    name: "debug information is put on the clipboard, with and without a server",
    async run(session) {
      session.writeWorkspaceSettings({ "callscope.severity": { CB2: "warning" } });
      const bench = await session.open("broken.py");
      await bench.waitForStatus(/No AutoGen found/);
      const text = await copied(bench);
      assert.match(text, /\*\*Extension:\*\* \d+\.\d+\.\d+/);
      assert.match(text, /\*\*Server:\*\* ready, \d/);
      assert.match(text, /\*\*Target:\*\* autogen==0\.14\.1 \(assumed\)/);
      assert.match(text, /\*\*Bundled:\*\* .*pygls \d/);
      assert.match(text, /"CB2": "warning"/);
      assert.match(text, /The server is ready/);
      session.writeWorkspaceSettings({ "callscope.enable": false });
      await bench.waitForStatus(/Callscope: off/);
      const off = await copied(bench);
      assert.match(off, /\*\*Server:\*\* off\n/);
      assert.match(off, /"callscope\.enable": false/);
      assert.doesNotMatch(off, /\*\*Target/);
    },
  },
  {
    name: "the status shows the release and where it was found, live, and lets it be changed",
    async run(session) {
      const bench = await session.open("broken.py");
      await bench.waitForStatus(/No AutoGen found.*checking against AG2 0\.14\.1, the newest known/);
      writeFileSync(path.join(session.workspace, "uv.lock"), lock("ag2==0.12.3"));
      await bench.waitForStatus(/AG2 0\.12\.3.*pinned in uv\.lock/);
      environment(session, ".venv", "autogen_agentchat==0.2.40");
      session.writeWorkspaceSettings({ "callscope.ignore": [] });
      await bench.waitForStatus(/AutoGen 0\.2\.40.*installed for \.venv/);
      await session.shot("status");
      await ask(bench, "Callscope: Select AutoGen Release");
      await session.shot("select-release");
      await pick(bench, "AG2 0.9.10");
      await bench.waitForStatus(/AG2 0\.9\.10.*set in the settings/);
      await ask(bench, "Callscope: Select AutoGen Release");
      await pick(bench, "Use what is installed");
      await bench.waitForStatus(/AutoGen 0\.2\.40.*installed for \.venv/);
      assert.equal(await bench.notifications.count(), 0, "nothing pops up");
    },
  },
];
