import { commands, l10n, window } from "vscode";
import type { Server } from "./server";

/** What came of a check of all files. */
interface Summary {
  readonly files: number;
  readonly checked: number;
  readonly findings: number;
  readonly files_with_findings: number;
  readonly cancelled: boolean;
}

const SHOWN_MS = 15_000;

/** Checks all files once, and shows the problems if there are any. */
export async function checkWorkspace(server: Server): Promise<void> {
  const summary = await server.request<Summary>("callscope/checkWorkspace", {});
  if (!summary) {
    void window.showInformationMessage(l10n.t("Callscope is not running, so nothing was checked."));
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
    return l10n.t("Callscope: cancelled after {0} of {1} files, {2} findings so far", checked, files, findings);
  }
  return findings > 0
    ? l10n.t("Callscope: {0} findings in {1} of {2} files", findings, places, files)
    : l10n.t("Callscope: nothing found in {0} files", files);
}
