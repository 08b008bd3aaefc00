// VS Code's window as a person uses it: by keys, by the mouse, and by what can be read on the screen.
import { expectSoon } from "./poll.mjs";

const PATIENCE = 60_000;

export class Workbench {
  constructor(page) {
    this.page = page;
    this.editor = page.locator(".editor-instance .monaco-editor").first();
    this.squiggles = this.editor.locator(".squiggly-error, .squiggly-warning, .squiggly-info");
    this.notifications = page.locator(".notifications-toasts .notification-list-item");
    this.hoverBox = page.locator(".monaco-hover:not(.hidden)", { hasNotText: /^$/ });
    this.menu = page.locator(".action-widget .monaco-list-row.action");
    this.problems = page.locator(".markers-panel .monaco-list-row");
    page.setDefaultTimeout(PATIENCE);
  }

  async open(url) {
    await this.page.goto(url);
    await this.page.locator(".monaco-workbench").waitFor();
    if (!url.includes("ew=true")) await this.editor.locator(".view-line").first().waitFor();
    const sideBar = this.page.locator(".part.sidebar");
    await expectSoon("a closed side bar", async () => {
      if (await sideBar.isVisible()) await this.press("Control+b");
      await sideBar.waitFor({ state: "hidden", timeout: 2000 });
    });
  }

  /** Opens a file of the workspace. */
  async openFile(name) {
    await expectSoon(`${name} to choose`, async () => {
      // The list that is open knows no files that are younger than itself.
      await this.press("Escape");
      await this.quickInput("Control+p", name);
      const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: name });
      await row.first().click({ timeout: 3000 });
    });
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    // A notebook that was closed stays in the page, out of sight.
    const lines = this.page.locator(".editor-instance .view-line, .notebookOverlay .view-line");
    await lines.filter({ visible: true }).first().waitFor();
  }

  /** Leaves the window as it was opened: no file, panel, menu or message. */
  async clear() {
    const rest = this.page.locator(".editor-instance, .part.panel, .part.sidebar, .monaco-modal-editor-block");
    const unsaved = this.page.getByRole("button", { name: "Don't Save" });
    await expectSoon("an empty window", async () => {
      await this.closeDialog();
      await this.press("Escape");
      if (await this.page.locator(".editor-instance").count()) await this.command("View: Close All Editors");
      if (await unsaved.isVisible()) await unsaved.click();
      if (await this.notifications.count()) await this.command("Notifications: Clear All Notifications");
      await this.hidePanel();
      if (await this.page.locator(".part.sidebar").isVisible()) await this.press("Control+b");
      await expectSoon("nothing left", async () => {
        const left = await rest.filter({ visible: true }).count();
        if (left || (await this.notifications.count())) throw new Error(`there are ${left} parts and messages left`);
      }, { timeout: 3000 });
    });
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Types at a person's speed, line by line. */
  async type(text) {
    await this.page.keyboard.type(text, { delay: 15 });
  }

  async quickInput(opener, text) {
    await this.press(opener);
    const box = this.page.locator(".quick-input-widget .quick-input-box input").first();
    await box.waitFor();
    await box.fill(text);
  }

  /** Runs a command from the command palette. */
  async command(title) {
    await expectSoon(`the command ${title}`, async () => {
      await this.quickInput("F1", `>${title}`);
      const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: title });
      try {
        await row.first().waitFor({ timeout: 5000 });
      } catch (error) {
        // The list that is open does not learn of commands that an extension brings meanwhile.
        await this.press("Escape");
        throw error;
      }
    });
    await this.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  /** Puts the cursor at a line and column, counted from 1, and the keyboard into the editor. */
  async goTo(line, column = 1) {
    await this.quickInput("Control+g", `:${line}:${column}`);
    await this.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    await this.editor
      .locator(".native-edit-context:focus, textarea.inputarea:focus")
      .waitFor({ state: "attached" });
  }

  /** The lines on the screen. */
  text() {
    return this.editor
      .locator(".view-lines")
      .first()
      .evaluate((lines) =>
        [...lines.querySelectorAll(".view-line")]
          .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
          .map((line) => line.textContent.replaceAll("\u00a0", " "))
          .join("\n"),
      );
  }

  /** What the language status says of Callscope: its button holds the state, once the item is pinned. */
  async waitForStatus(pattern) {
    const button = this.page.locator("#status\\.languageStatus");
    const rows = this.page.locator(".hover-language-status");
    const said = await expectSoon(`the language status ${pattern}`, async () => {
      await button.hover({ timeout: 2000 });
      await rows.first().waitFor({ timeout: 2000 });
      const texts = await rows.allInnerTexts();
      const found = texts.map((text) => text.replaceAll(/\s+/g, " ")).find((text) => pattern.test(text));
      if (!found) throw new Error(`it says ${JSON.stringify(texts)}`);
      return found;
    });
    await this.leave();
    return said;
  }

  /** Runs a command that the language status offers. */
  async clickInStatus(title) {
    const link = this.page.locator(".hover-language-status a", { hasText: title });
    await expectSoon(`${title} in the language status`, async () => {
      await this.page.locator("#status\\.languageStatus").hover({ timeout: 2000 });
      await link.click({ timeout: 2000 });
    });
    await this.leave();
  }

  /** Takes the mouse off everything, so that no hover shows. */
  async leave() {
    const hover = this.page.locator(".hover-language-status").first();
    let turn = 0;
    await expectSoon("no hover", async () => {
      // A hover that is drawn anew under the mouse misses that it left: leave again, or dismiss it.
      await this.page.mouse.move(640 + (turn % 2) * 8, 795);
      if (turn++ > 2) await this.page.keyboard.press("Escape");
      await hover.waitFor({ state: "hidden", timeout: 1500 });
    });
  }

  /** Fills in a text setting that the settings editor is showing; `isWritten` tells whether it stands in its file. */
  async changeShownSetting(title, value, isWritten) {
    const item = this.page.locator(".settings-editor .setting-item-contents", { hasText: title });
    await expectSoon(`${title} in its file`, async () => {
      // What the list shows may be drawn anew, and what was filled in is gone then.
      await item.locator("input").fill(value, { timeout: 3000 });
      await expectSoon("it is written", () => {
        if (!isWritten()) throw new Error("it is not");
      }, { timeout: 3000 });
    });
  }

  async closeDialog() {
    const dialog = this.page.locator(".monaco-modal-editor-block");
    if (!(await dialog.isVisible())) return;
    await dialog.locator(".action-label.codicon-close").last().click({ timeout: 3000 });
    await dialog.waitFor({ state: "hidden", timeout: 5000 });
  }

  /** Goes back to a file that is open: settings lie over the window in newer versions, in a tab in older ones. */
  async backTo(file) {
    await expectSoon(`${file} in front`, async () => {
      await this.closeDialog();
      await this.openFile(file);
      await this.editor.locator(".view-line").first().waitFor({ timeout: 5000 });
      await this.page.locator("#status\\.languageStatus").waitFor({ timeout: 5000 });
    });
  }

  async showProblems() {
    const panel = this.page.locator(".markers-panel");
    if (!(await panel.isVisible())) await this.press("Control+Shift+m");
    await panel.waitFor();
  }

  async hidePanel() {
    const panel = this.page.locator(".part.panel");
    if (await panel.isVisible()) await this.press("Control+j");
    await panel.waitFor({ state: "hidden" });
  }

  /** Rests the mouse on the first squiggle until the hover says what it should. */
  async hover(pattern) {
    return expectSoon(`a hover ${pattern}`, async () => {
      const box = await this.squiggles.first().boundingBox({ timeout: 2000 });
      await this.page.mouse.move(box.x + 80, box.y - 60);
      await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
      const hover = this.hoverBox.filter({ hasText: pattern }).first();
      await hover.waitFor({ timeout: 4000 });
      return hover.innerText();
    });
  }

  /** Opens the quick fixes at the cursor and returns the one that is meant. A late redraw may close the menu: asked for again. */
  async quickFixes(pattern) {
    return expectSoon(`a quick fix ${pattern}`, async () => {
      await this.press("Escape", "Control+.");
      const fix = this.menu.filter({ hasText: pattern }).first();
      await fix.waitFor({ timeout: 4000 });
      return fix;
    });
  }

  /** Leaves the panel as high as a few lines need, by dragging its upper edge. */
  async shrinkPanel() {
    const panel = this.page.locator(".part.panel");
    const before = await panel.boundingBox();
    const x = before.x + before.width / 3;
    const edges = await this.page.locator(".monaco-sash.horizontal:not(.disabled)").all();
    for (const edge of edges) {
      const box = await edge.boundingBox();
      if (!box || Math.abs(box.y + box.height / 2 - before.y) > 8) continue;
      await this.page.mouse.move(x, box.y + box.height / 2);
      await this.page.mouse.down();
      await this.page.mouse.move(x, before.y + before.height - 130, { steps: 8 });
      await this.page.mouse.up();
      return;
    }
    throw new Error("the panel has no edge to drag");
  }
}
