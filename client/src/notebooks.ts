import { workspace, type NotebookDocument, type TextDocument } from "vscode";

/** The open notebook that a document is a cell of. */
export function notebookOf(document: TextDocument): NotebookDocument | undefined {
  const uri = document.uri.toString();
  return workspace.notebookDocuments.find((notebook) =>
    notebook.getCells().some((cell) => cell.document.uri.toString() === uri),
  );
}
