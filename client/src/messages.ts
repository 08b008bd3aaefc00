import { commands, env, window } from "vscode";
import { SECTION } from "./settings";

/** Buttons of a message, and the command each one runs. */
const ACTIONS = {
  "Select Interpreter": openInterpreterSetting,
  "Restart Server": () => commands.executeCommand("callscope.restart"),
  "Show Log": () => commands.executeCommand("callscope.showLog"),
} as const;

let shown: string | undefined;

/** Shows an error with buttons. The same one is not put up again while it is still there. */
export function showProblem(text: string, ...buttons: (keyof typeof ACTIONS)[]): void {
  if (shown === text) {
    return;
  }
  shown = text;
  void window.showErrorMessage(text, ...buttons).then((button) => {
    shown = undefined;
    return button && ACTIONS[button]();
  });
}

/** A path belongs to a machine: for a remote window the setting is among those of the remote. */
export function openInterpreterSetting(): Thenable<unknown> {
  const place = env.remoteName === undefined ? "openSettings" : "openRemoteSettings";
  return commands.executeCommand(`workbench.action.${place}`, { query: `${SECTION}.interpreter` });
}
