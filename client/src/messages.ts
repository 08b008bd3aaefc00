import { commands, env, l10n, window } from "vscode";
import { SECTION } from "./settings";

/** Buttons of a message: what stands on each, and the command it runs. */
const ACTIONS = {
  selectInterpreter: { title: () => l10n.t("Select Interpreter"), run: openInterpreterSetting },
  restartServer: {
    title: () => l10n.t("Restart Server"),
    run: () => commands.executeCommand("callscope.restart"),
  },
  showLog: {
    title: () => l10n.t("Show Log"),
    run: () => commands.executeCommand("callscope.showLog"),
  },
} as const;

let shown: { readonly text: string } | undefined;

/** Shows an error with buttons. The same one is not put up again while it is still there. */
export function showProblem(text: string, ...buttons: (keyof typeof ACTIONS)[]): void {
  if (shown?.text === text) {
    return;
  }
  const mine = { text };
  shown = mine;
  const offered = buttons.map((button) => ({ title: ACTIONS[button].title(), run: ACTIONS[button].run }));
  void window.showErrorMessage(text, ...offered).then((chosen) => {
    if (shown === mine) {
      shown = undefined;
    }
    return chosen?.run();
  });
}

/**
 * Something new is tried: should it fail like the last, that is told again. The editor puts a
 * message out of sight after a while, and does not say so.
 */
export function forgetProblem(): void {
  shown = undefined;
}

/** A path belongs to a machine: for a remote window the setting is among those of the remote. */
export function openInterpreterSetting(): Thenable<unknown> {
  const place = env.remoteName === undefined ? "openSettings" : "openRemoteSettings";
  return commands.executeCommand(`workbench.action.${place}`, { query: `${SECTION}.interpreter` });
}
