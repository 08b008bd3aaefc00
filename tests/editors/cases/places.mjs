// Documents that are in no folder, or only shown for comparison; windows in which no folder is open.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expectSoon } from "../poll.mjs";
import { environment } from "./firstrun.mjs";

const NEW_FILES = { "files.defaultLanguage": "python", "editor.autoIndent": "none", "editor.autoClosingBrackets": "never" };

/** A buffer that is in nobody's folder, with the text of a file of the workspace. */
async function openUntitled(session, bench) {
  await bench.press("Control+Alt+n");
  await bench.editor.locator(".view-line").first().waitFor();
  await bench.page.keyboard.insertText(readFileSync(path.join(session.workspace, "broken.py"), "utf8"));
  await bench.squiggles.first().waitFor();
}

async function fixFirst(bench) {
  const fix = await expectSoon("the fixes for what was clicked", async () => {
    await bench.press("Escape");
    const box = await bench.squiggles.first().boundingBox({ timeout: 2000 });
    await bench.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    return bench.quickFixes(/on_reply/);
  });
  await fix.click();
  await bench.squiggles.first().waitFor({ state: "detached" });
  assert.match(await bench.text(), /def on_reply\(recipient, messages/);
}

async function expectProblems(bench, count) {
  await bench.showProblems();
  const found = bench.problems.filter({ hasText: "CB201" });
  await expectSoon(`${count} problems`, async () => assert.equal(await found.count(), count));
  await bench.hidePanel();
}

const git = (session, ...args) =>
  execFileSync("git", ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org", ...args], { cwd: session.workspace });

export const tests = [
  {
    own: true,
    name: "where no folder is open, a buffer is checked and mended, and a check of all says that there is nothing",
    async run(session) {
      const bench = await session.open(undefined, { settings: NEW_FILES });
      await bench.command("Callscope: Check Workspace");
      await bench.notifications.filter({ hasText: "no folder is open" }).waitFor();
      await bench.command("Notifications: Clear All Notifications");
      await openUntitled(session, bench);
      await bench.waitForStatus(/No AutoGen found.*checking against AG2/);
      await expectProblems(bench, 1);
      await session.shot("untitled");
      await fixFirst(bench);
      assert.equal(await bench.notifications.count(), 0, "nothing pops up");
    },
  },
  {
    own: true,
    name: "a buffer belongs to the first folder, a file from elsewhere to its own, and what is compared is found once",
    async run(session) {
      environment(session, ".venv", "ag2==0.12.3");
      const elsewhere = path.join(session.folder, "elsewhere");
      mkdirSync(elsewhere);
      const broken = readFileSync(path.join(session.workspace, "broken.py"), "utf8");
      writeFileSync(path.join(elsewhere, "outside.py"), broken);
      git(session, "init", "--quiet");
      git(session, "add", "broken.py");
      git(session, "commit", "--quiet", "--message", "As it was");
      writeFileSync(path.join(session.workspace, "broken.py"), broken.replace("Hello", "Good morning"));

      const bench = await session.open("broken.py", { settings: { ...NEW_FILES, "git.enabled": true } });
      await bench.waitForStatus(/AG2 0\.12\.3.*installed for \.venv/);
      await bench.squiggles.first().waitFor();
      await expectSoon("the comparison with what was committed", async () => {
        await bench.page.locator('[aria-label="Open Changes"]').first().click({ timeout: 5000 });
        await bench.page.locator(".monaco-diff-editor .modified .squiggly-error").first().waitFor({ timeout: 5000 });
      });
      assert.equal(await bench.page.locator(".monaco-diff-editor .original .squiggly-error").count(), 0);
      await expectProblems(bench, 1);
      await session.shot("compared");

      await bench.command("View: Close All Editors");
      await openUntitled(session, bench);
      await bench.waitForStatus(/AG2 0\.12\.3.*installed for \.venv/);
      await fixFirst(bench);
      assert.equal(await bench.notifications.count(), 0, "nothing pops up");

      await bench.page.goto(session.host.folderUrl(session.workspace, path.join("..", "elsewhere", "outside.py")));
      await bench.squiggles.first().waitFor();
      await bench.waitForStatus(/No AutoGen found/);
      await fixFirst(bench);
      assert.equal(await bench.notifications.count(), 0, "nothing pops up");
      await session.shot("outside");
    },
  },
];
