import { commands, EventEmitter, type Disposable } from "vscode";
import type { ProgressToken, WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport } from "vscode-languageclient";

/** How the server's name for the bar of a check of all files begins, and ours as well. */
export const CHECK_TOKENS = "callscope/checkWorkspace/";

const CONTEXT = "callscope.checkingWorkspace";

/**
 * The checks of all files that are under way, whoever began them.
 *
 * A check that begins by itself says so in the status bar, as the work of other language servers
 * does; a click there opens the editor's own message with Cancel. Who does not think of clicking finds
 * the same in the command palette, while there is something to cancel, and in the language status.
 */
export class RunningChecks implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly tokens = new Set<ProgressToken>();

  get any(): boolean {
    return this.tokens.size > 0;
  }

  /** Hears what the server says of any work. */
  follow(token: ProgressToken, { kind }: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd): void {
    if (!String(token).startsWith(CHECK_TOKENS) || kind === "report") {
      return;
    }
    if (kind === "begin") {
      this.tokens.add(token);
    } else {
      this.tokens.delete(token);
    }
    this.tell();
  }

  /** The bars of those to be cancelled. */
  all(): ProgressToken[] {
    return [...this.tokens];
  }

  /** The server is gone, and its work with it. */
  forget(): void {
    this.tokens.clear();
    this.tell();
  }

  private tell(): void {
    void commands.executeCommand("setContext", CONTEXT, this.any);
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }
}
