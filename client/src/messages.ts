import { commands, window } from 'vscode';
import { SECTION } from './settings';

/** Buttons of a message, and the command each one runs. */
const ACTIONS = {
  'Select Interpreter': () => commands.executeCommand('workbench.action.openSettings', `${SECTION}.interpreter`),
  'Restart Server': () => commands.executeCommand('callscope.restart'),
  'Show Log': () => commands.executeCommand('callscope.showLog'),
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
