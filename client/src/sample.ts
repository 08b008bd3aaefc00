import { readFile } from "node:fs/promises";
import * as path from "node:path";
import {
  commands,
  l10n,
  languages,
  Selection,
  ViewColumn,
  window,
  workspace,
  type CodeAction,
  type Diagnostic,
  type Disposable,
  type ExtensionContext,
  type TextDocument,
  type TextEditor,
} from "vscode";
import { showProblem } from "./messages";
import type { Server } from "./server";

const PATIENCE_MS = 15_000;

/** The walkthrough takes the focus this long after one of its steps was clicked on, at most. */
const FOCUS_TAKEN_MS = 700;
const ATTEMPTS = 4;

/** How far the user has come; the walkthrough ticks its steps off by these. */
const SEEN = "callscope.sample.seen";
const FIXED = "callscope.sample.fixed";

/** The program of the walkthrough: a buffer that is in nobody's folder, with one mistake in it. */
export class Sample implements Disposable {
  private document: TextDocument | undefined;
  private broken = false;
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly context: ExtensionContext,
    private readonly server: Server,
  ) {
    this.subscriptions = [
      commands.registerCommand("callscope.openSample", () => this.open()),
      commands.registerCommand("callscope.showSampleFinding", () => this.showFinding()),
      commands.registerCommand("callscope.fixSample", () => this.fix()),
      languages.onDidChangeDiagnostics(({ uris }) => {
        if (uris.some((uri) => uri.toString() === this.document?.uri.toString())) {
          this.look();
        }
      }),
    ];
  }

  /** Shows the program beside the walkthrough: the one that is open, while it is as it was. */
  private async open(): Promise<TextEditor> {
    const file = path.join(this.context.extensionPath, "client", "sample", "help_desk.py");
    const content = await readFile(file, "utf8");
    if (!this.document || this.document.isClosed || this.document.getText() !== content) {
      this.broken = false;
      this.document = await workspace.openTextDocument({ language: "python", content });
    }
    return this.reveal(this.document);
  }

  private reveal(document: TextDocument): Thenable<TextEditor> {
    const shown = window.visibleTextEditors.find((editor) => editor.document === document);
    return window.showTextDocument(document, { viewColumn: shown?.viewColumn ?? ViewColumn.Beside });
  }

  /** Puts the cursor where the mistake is, and opens what is said of it. */
  private async showFinding(): Promise<void> {
    const { document } = await this.current();
    const finding = await this.finding(document);
    if (!finding) {
      return;
    }
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      await this.openFinding(document, finding);
      if (await staysInFront(document)) {
        await commands.executeCommand("setContext", SEEN, true);
        return;
      }
    }
  }

  /** The command goes for the editor that has the focus just then, and does nothing if none has. */
  private async openFinding(document: TextDocument, { range }: Diagnostic): Promise<void> {
    const editor = await this.reveal(document);
    editor.selection = new Selection(range.start, range.start);
    editor.revealRange(range);
    await commands.executeCommand("editor.action.marker.next");
  }

  /** Applies the first of the fixes that are offered for the mistake. */
  private async fix(): Promise<void> {
    const editor = await this.current();
    const finding = await this.finding(editor.document);
    if (!finding) {
      return;
    }
    const offered = await commands.executeCommand<CodeAction[]>(
      "vscode.executeCodeActionProvider",
      editor.document.uri,
      finding.range,
      "quickfix",
      1,
    );
    const fix = offered.find(({ edit }) => edit !== undefined);
    if (fix?.edit) {
      await commands.executeCommand("closeMarkersNavigation");
      await workspace.applyEdit(fix.edit);
    }
  }

  private current(): Thenable<TextEditor> {
    const open = this.document && !this.document.isClosed;
    return open && this.document ? this.reveal(this.document) : this.open();
  }

  /** The mistake, as soon as it is found; says so if it is not. */
  private async finding(document: TextDocument): Promise<Diagnostic | undefined> {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end && !document.isClosed && this.server.mayAnswer; ) {
      const [found] = findingsIn(document);
      if (found || this.broken) {
        return found;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (this.server.saysWhyNot()) {
      return undefined;
    }
    showProblem(l10n.t("Callscope has not checked the sample. Its log may tell why."), "showLog");
    return undefined;
  }

  /** What is found in the sample has changed. */
  private look(): void {
    const document = this.document;
    if (!document || document.isClosed) {
      return;
    }
    const broken = findingsIn(document).length > 0;
    if (this.broken && !broken) {
      void commands.executeCommand("setContext", FIXED, true);
    }
    this.broken = this.broken || broken;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
  }
}

/** False as soon as something else comes to the front; true if nothing does for a while. */
async function staysInFront(document: TextDocument): Promise<boolean> {
  const isInFront = () => window.activeTextEditor?.document === document;
  for (const end = Date.now() + FOCUS_TAKEN_MS; isInFront() && Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return isInFront();
}

function findingsIn(document: TextDocument): Diagnostic[] {
  return languages.getDiagnostics(document.uri).filter(({ source }) => source === "Callscope");
}
