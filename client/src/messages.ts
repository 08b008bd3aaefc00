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

let shown: string | undefined;

/** Shows an error with buttons. The same one is not put up again while it is still there. */
export function showProblem(text: string, ...buttons: (keyof typeof ACTIONS)[]): void {
  if (shown === text) {
    return;
  }
  shown = text;
  const offered = buttons.map((button) => ({ title: ACTIONS[button].title(), run: ACTIONS[button].run }));
  void window.showErrorMessage(text, ...offered).then((chosen) => {
    shown = undefined;
    return chosen?.run();
  });
}

/** A path belongs to a machine: for a remote window the setting is among those of the remote. */
export function openInterpreterSetting(): Thenable<unknown> {
  const place = env.remoteName === undefined ? "openSettings" : "openRemoteSettings";
  return commands.executeCommand(`workbench.action.${place}`, { query: `${SECTION}.interpreter` });
}
