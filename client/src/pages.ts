import {
  commands,
  EventEmitter,
  l10n,
  languages,
  Uri,
  window,
  workspace,
  type Diagnostic,
  type Disposable,
  type TextEditor,
} from "vscode";
import type { Server } from "./server";

/** The scheme of documents that the server writes and the Markdown preview shows. */
export const PAGES = "callscope";
export const EXPLAIN = "callscope.explain";

interface Page {
  readonly title: string;
  readonly markdown: string;
}

/** Explanations of findings and contracts, read beside the code. */
export class Pages implements Disposable {
  private readonly changed = new EventEmitter<Uri>();
  private readonly subscriptions: { dispose(): unknown }[];

  constructor(private readonly server: Server) {
    this.subscriptions = [
      this.changed,
      workspace.registerTextDocumentContentProvider(PAGES, {
        onDidChange: this.changed.event,
        provideTextDocumentContent: (uri) => this.textOf(uri),
      }),
      commands.registerCommand(EXPLAIN, (link?: unknown) => this.explain(link)),
      commands.registerCommand("callscope.showContract", () => this.showContract()),
    ];
  }

  /** The text of a page. What it is about stands in its address, as the server or we put it there. */
  private async textOf(uri: Uri): Promise<string> {
    const about = Object.fromEntries(new URLSearchParams(uri.query));
    // One that was open when the window was closed is asked for before there is a server.
    await this.server.started();
    const page = "position" in about ? await this.contract(about) : await this.explanation(about);
    return page?.markdown ?? l10n.t("Callscope is not running, or there is nothing here any more.");
  }

  private explanation(about: Record<string, string>): Promise<Page | undefined> {
    return this.server.request<Page>("callscope/explain", about);
  }

  private contract({ uri, position = "" }: Record<string, string>): Promise<Page | undefined> {
    const [line, character] = position.split(":").map(Number);
    return this.server.request<Page>("callscope/contract", {
      textDocument: { uri },
      position: { line, character },
    });
  }

  /** Opens the page that a link leads to; from the palette, that of the finding at the cursor. */
  private async explain(link: unknown): Promise<void> {
    const page = typeof link === "string" ? Uri.parse(link) : await askForFinding(this.server);
    if (page?.scheme === PAGES) {
      await this.show(page);
    }
  }

  private async showContract(): Promise<void> {
    const editor = window.activeTextEditor;
    await this.server.started();
    if (!editor || this.server.saysWhyNot()) {
      return;
    }
    const { line, character } = editor.selection.active;
    const about = { uri: this.server.uriOf(editor.document.uri), position: `${line}:${character}` };
    const found = await this.contract(about);
    if (!found) {
      void window.showInformationMessage(
        l10n.t("Callscope knows of no contract here: put the cursor on a callback, an agent, or the call that registers or starts one."),
      );
      return;
    }
    const query = new URLSearchParams(about).toString();
    await this.show(Uri.from({ scheme: PAGES, path: `/${found.title}.md`, query }));
  }

  /** Shows a page beside the code, as it is now. */
  private async show(page: Uri): Promise<void> {
    this.changed.fire(page);
    await commands.executeCommand("markdown.showPreviewToSide", page);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
  }
}

/** The page about the finding at the cursor, else on its line, else in the file; of several, the one picked. */
async function askForFinding(server: Server): Promise<Uri | undefined> {
  const editor = window.activeTextEditor;
  await server.started();
  const all = editor ? findingsIn(editor) : [];
  if (!editor || all.length === 0) {
    if (server.saysWhyNot()) {
      return undefined;
    }
    void window.showInformationMessage(l10n.t("Callscope has found nothing in this file."));
    return undefined;
  }
  const { active } = editor.selection;
  const here = all.filter(({ diagnostic }) => diagnostic.range.contains(active));
  const onLine = all.filter(({ diagnostic: { range } }) => range.start.line <= active.line && active.line <= range.end.line);
  const choice = [here, onLine, all].find((some) => some.length > 0) ?? [];
  if (choice.length === 1) {
    return choice[0]?.page;
  }
  const items = choice.map(({ diagnostic, code, page }) => ({
    label: code,
    description: l10n.t("line {0}", diagnostic.range.start.line + 1),
    detail: diagnostic.message,
    page,
  }));
  const picked = await window.showQuickPick(items, { title: l10n.t("Callscope: explain which finding?") });
  return picked?.page;
}

function findingsIn(editor: TextEditor): { diagnostic: Diagnostic; code: string; page: Uri }[] {
  return languages.getDiagnostics(editor.document.uri).flatMap((diagnostic) => {
    const { code } = diagnostic;
    return typeof code === "object" && code.target.scheme === PAGES
      ? [{ diagnostic, code: String(code.value), page: code.target }]
      : [];
  });
}
