import {
  CodeActionKind,
  commands,
  languages,
  Range,
  type CodeAction,
  type CodeActionProvider,
  type Disposable,
  type TextDocument,
} from "vscode";
import { notebookOf } from "./notebooks";

const FIX_ALL = CodeActionKind.Empty.append("notebook").append("source.fixAll.callscope");

/**
 * When a notebook is saved, the editor asks for what mends all of it at its first cell only. Most
 * begin with a heading, which the server does not know of: what the first cell of Python gives
 * is the answer there.
 */
const provider: CodeActionProvider = {
  async provideCodeActions(document, _range, context): Promise<CodeAction[]> {
    const python = document.languageId === "python" ? undefined : firstPython(document);
    if (!python || !context.only?.contains(FIX_ALL)) {
      return [];
    }
    const found = await commands.executeCommand<CodeAction[] | undefined>(
      "vscode.executeCodeActionProvider",
      python.uri,
      new Range(0, 0, 0, 0),
      FIX_ALL.value,
      1,
    );
    return found ?? [];
  },
};

function firstPython(document: TextDocument): TextDocument | undefined {
  const documents = notebookOf(document)?.getCells().map((cell) => cell.document);
  return documents?.find(({ languageId }) => languageId === "python");
}

export function registerNotebookFixAll(): Disposable {
  return languages.registerCodeActionsProvider({ notebookType: "jupyter-notebook" }, provider, {
    providedCodeActionKinds: [FIX_ALL],
  });
}
