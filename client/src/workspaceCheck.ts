import { commands, l10n, ProgressLocation, window, workspace } from "vscode";
import type { Server } from "./server";

/** What came of a check of all files. */
export interface Summary {
  readonly files: number;
  readonly checked: number;
  readonly findings: number;
  readonly files_with_findings: number;
  readonly cancelled: boolean;
}

const SHOWN_MS = 15_000;

let running = false;

/** Checks all files once, and shows the problems if there are any. A check that is under way is not begun again. */
export async function checkWorkspace(server: Server): Promise<void> {
  if (running) {
    return;
  }
  running = true;
  try {
    await checkOnce(server);
  } finally {
    running = false;
  }
}

async function checkOnce(server: Server): Promise<void> {
  if (!workspace.workspaceFolders?.length) {
    void window.showInformationMessage(l10n.t("Callscope: no folder is open, so there is nothing to check."));
    return;
  }
  const summary = await window.withProgress(
    {
      location: ProgressLocation.Notification,
      title: l10n.t("Callscope: checking the workspace"),
      cancellable: true,
    },
    (progress, cancelled) => server.checkWorkspace(progress, cancelled),
  );
  if (!summary) {
    server.saysWhyNot();
  } else if (summary.findings > 0) {
    await commands.executeCommand("workbench.actions.view.problems");
  }
}

/** Says in the status bar what came of a check. */
export function showResult(summary: Summary): void {
  window.setStatusBarMessage(`$(check-all) ${describeResult(summary)}`, SHOWN_MS);
}

/** One line; of a check that was cancelled, what it had found by then. */
export function describeResult({ files, checked, findings, files_with_findings: places, cancelled }: Summary): string {
  if (cancelled) {
    return l10n.t("Callscope: cancelled after {0} of {1} files, findings so far: {2}", checked, files, findings);
  }
  if (files === 0) {
    return l10n.t("Callscope: no Python files to check in the workspace");
  }
  if (findings === 0) {
    return l10n.t("Callscope: nothing found, files checked: {0}", files);
  }
  return findings === 1
    ? l10n.t("Callscope: 1 finding, files checked: {0}", files)
    : l10n.t("Callscope: {0} findings in {1} of {2} files", findings, places, files);
}
