import {
  CodeActionKind,
  CodeActionTriggerKind,
  languages,
  Range,
  type CancellationToken,
  type CodeAction,
  type Disposable,
  type TextDocument,
} from "vscode";
import { notebookOf } from "./notebooks";
import type { Server } from "./server";

const FIX_ALL = CodeActionKind.Empty.append("notebook").append("source.fixAll.callscope");

/**
 * When a notebook is saved, the editor asks for what mends all of it at its first cell only. Most
 * begin with a heading, which the server does not know of: what the first cell of Python gives
 * is the answer there.
 */
export function registerNotebookFixAll(server: Server): Disposable {
  return languages.registerCodeActionsProvider(
    { notebookType: "jupyter-notebook" },
    {
      async provideCodeActions(document, _range, { only }, token): Promise<CodeAction[]> {
        const python = document.languageId === "python" ? undefined : firstPython(document);
        return python && only?.contains(FIX_ALL) ? actionsFor(python, server, token) : [];
      },
    },
    { providedCodeActionKinds: [FIX_ALL] },
  );
}

/**
 * What the server gives for a cell, with edits. Asked by way of the editor's command, the editor
 * would drop the answer whenever any extension begins to offer actions meanwhile.
 */
async function actionsFor(
  cell: TextDocument,
  server: Server,
  token: CancellationToken,
): Promise<CodeAction[]> {
  const provider = server.codeActionProvider(cell);
  const context = { diagnostics: [], only: FIX_ALL, triggerKind: CodeActionTriggerKind.Invoke };
  const found = await provider?.provideCodeActions(cell, new Range(0, 0, 0, 0), context, token);
  const actions = (found ?? []).filter((each): each is CodeAction => typeof each.command !== "string");
  return Promise.all(
    actions.map(async (each) => (await provider?.resolveCodeAction?.(each, token)) ?? each),
  );
}

function firstPython(document: TextDocument): TextDocument | undefined {
  const documents = notebookOf(document)?.getCells().map((cell) => cell.document);
  return documents?.find(({ languageId }) => languageId === "python");
}
