import { Uri, workspace, type NotebookDocument, type TextDocument } from "vscode";

/** Stands for the file in front where there is none: one that is in no folder yet. */
export const NEW_FILE = Uri.parse("untitled:new.py");

/** The open notebook that a document is a cell of. */
export function notebookOf(document: TextDocument): NotebookDocument | undefined {
  const uri = document.uri.toString();
  return workspace.notebookDocuments.find((notebook) =>
    notebook.getCells().some((cell) => cell.document.uri.toString() === uri),
  );
}

/** The file that a document is in: that of the notebook for one of its cells. */
export function fileOf(document: TextDocument): Uri {
  // The URI of a cell may name the remote host, those of files never do here.
  return notebookOf(document)?.uri ?? document.uri;
}
