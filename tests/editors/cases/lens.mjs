// What stands beside the code, and what is offered while it is typed.
import assert from "node:assert/strict";
import { expectSoon } from "../poll.mjs";

const FILE = "lens.py";
const END = 24;

// What the pictures show: the text, without the empty right half of the window.
const LEFT = { x: 0, y: 0, width: 1060, height: 800 };

/** The texts of the code lenses on the screen, from top to bottom. */
export async function lenses(bench, pattern) {
  const found = bench.editor.locator(".codelens-decoration");
  return expectSoon(`a lens ${pattern}`, async () => {
    const texts = (await found.allInnerTexts()).map((text) => text.replaceAll("\u00a0", " ").trim());
    assert.ok(
      texts.some((text) => pattern.test(text)),
      JSON.stringify(texts),
    );
    return texts;
  });
}

/** Waits for a completion of Callscope's in the list that is open. */
export async function completion(bench, label) {
  const row = bench.page.locator(".suggest-widget .monaco-list-row", { hasText: label }).first();
  await expectSoon(`the completion ${label}`, async () => {
    if (!(await row.isVisible())) await bench.press("Control+Space");
    await row.waitFor({ timeout: 4000 });
  });
  return row;
}

export const tests = [
  {
    name: "lenses and hints say what is certain",
    async run(session) {
      const bench = await session.open(FILE);
      const texts = await lenses(bench, /fires for/);
      assert.ok(texts.includes("3 registrations"), JSON.stringify(texts));
      assert.ok(texts.includes("fires for `user` · tried 1st of 10 · 2 entry calls"), JSON.stringify(texts));
      assert.ok(texts.some((text) => /^never fires: `assistant` answers only `user`/.test(text)));
      await expectSoon("the hint", async () =>
        assert.match(await bench.text(), /:\s*as \(recipient, messages=, sender=, config=\)/),
      );
      await session.shot("lens", LEFT);

      // A click shows the places without leaving the file.
      await bench.editor.locator(".codelens-decoration a", { hasText: "fires for `user`" }).first().click();
      await bench.page.locator(".peekview-widget").waitFor();
      await session.shot("lens-peek", LEFT);
      await bench.press("Escape");
      await bench.page.locator(".peekview-widget").waitFor({ state: "detached" });

      // Both go and come with their settings.
      session.writeWorkspaceSettings({ "callscope.codeLens.enable": false, "callscope.inlayHints.enable": false });
      await bench.editor.locator(".codelens-decoration", { hasText: "fires for" }).first().waitFor({ state: "detached" });
      await expectSoon("no hint", async () => assert.doesNotMatch(await bench.text(), /as \(recipient/));
      session.writeWorkspaceSettings({});
      await lenses(bench, /fires for/);
      await expectSoon("the hint again", async () => assert.match(await bench.text(), /as \(recipient/));
    },
  },
  {
    name: "hooks are completed, and a missing callback is created",
    async run(session) {
      const bench = await session.open(FILE);
      await lenses(bench, /fires for/);
      await bench.goTo(END);
      await bench.type('user.register_hook("pro');
      await completion(bench, "process_message_before_send");
      await session.shot("completion", LEFT);
      await bench.press("Escape");
      await bench.type("cess_message_before");
      await completion(bench, "process_message_before_send");
      await bench.press("Enter");
      await expectSoon("the name in its quotes", async () =>
        assert.match(await bench.text(), /user\.register_hook\("process_message_before_send"\)/),
      );
      await bench.press("End", "ArrowLeft");
      await bench.type(", sign");
      await bench.press("Escape");
      const fix = await bench.quickFixes(/Create process_message_before_send hook `sign`/);
      await session.shot("create", LEFT);
      await fix.click();
      await expectSoon("the new hook", async () =>
        assert.match(await bench.text(), /def sign\(sender, message, recipient, silent\) -> str \| dict:/),
      );
    },
  },
];
