import { commands, window, workspace, type ExtensionContext } from "vscode";
import { copyDebugInformation } from "./debugInformation";
import { findLayout } from "./layout";
import { registerNotebookFixAll } from "./notebookFixAll";
import { registerPeek } from "./peek";
import { Pages } from "./pages";
import { PythonExtension } from "./pythonExtension";
import { Sample } from "./sample";
import { Server } from "./server";
import { needsRestart, SECTION } from "./settings";
import { Status } from "./status";
import { checkWorkspace } from "./workspaceCheck";
import { TargetItem } from "./target";

let server: Server | undefined;

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel("Callscope", { log: true });
  const status = new Status();
  const pythonExtension = new PythonExtension(log);
  const layout = findLayout(context.extensionPath);
  const current = new Server(layout, pythonExtension, status, log);
  server = current;
  context.subscriptions.push(
    log,
    status,
    pythonExtension,
    current,
    new TargetItem(current),
    new Sample(context, current),
    new Pages(current),
    commands.registerCommand("callscope.checkWorkspace", () => checkWorkspace(current)),
    commands.registerCommand("callscope.cancelCheck", () => {
      current.cancelChecks();
    }),
    commands.registerCommand("callscope.restart", async () => {
      await current.restart("Restart requested");
      // Any other reason why it does not run is told by itself.
      if (status.state.kind === "off") {
        current.saysWhyNot();
      }
    }),
    commands.registerCommand("callscope.showLog", () => {
      log.show();
    }),
    commands.registerCommand("callscope.getStarted", () =>
      commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#start`, false),
    ),
    commands.registerCommand("callscope.copyDebugInformation", () =>
      copyDebugInformation(context, layout, current),
    ),
    registerPeek(),
    registerNotebookFixAll(current),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SECTION)) {
        status.forgetCancelled();
      }
      if (needsRestart(event, current.settings)) {
        void current.restart("The settings have changed");
      }
    }),
    workspace.onDidGrantWorkspaceTrust(() => current.restart("The workspace is now trusted")),
    pythonExtension.onDidChange(() => current.restart("The interpreter has changed")),
  );
  // Not awaited: looking for Python must not hold up the editor.
  void current.restart(
    `Callscope ${String((context.extension.packageJSON as { version?: unknown }).version)}`,
  );
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
