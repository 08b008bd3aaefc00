import {
  commands,
  extensions,
  l10n,
  languages,
  type Uri,
  window,
  workspace,
  ConfigurationTarget,
  QuickPickItemKind,
  type Disposable,
  type LanguageStatusItem,
  type QuickPickItem,
  type TextDocument,
  type WorkspaceConfiguration,
} from "vscode";
import { fileOf, NEW_FILE } from "./notebooks";
import { shortenHome } from "./home";
import { openInterpreterSetting } from "./messages";
import { PYTHON_EXTENSION } from "./pythonExtension";
import { SELECTOR } from "./selector";
import type { Server } from "./server";
import { SECTION } from "./settings";
import { describeTarget, type Target } from "./targetText";

/** Shows, in the language status, the release that the file in front is checked against. */
export class TargetItem implements Disposable {
  private item: LanguageStatusItem | undefined;
  private turn = 0;
  private readonly subscriptions: Disposable[];

  constructor(private readonly server: Server) {
    const refresh = () => void this.refresh();
    this.subscriptions = [
      server.onDidChangeTargets(refresh),
      window.onDidChangeActiveTextEditor(refresh),
      // Something may have been installed in a terminal, here or elsewhere.
      window.onDidChangeWindowState(refresh),
      workspace.onDidSaveTextDocument(refresh),
      commands.registerCommand("callscope.selectTarget", () => this.select()),
    ];
  }

  private async refresh(): Promise<void> {
    const document = documentInFront();
    if (!document) {
      return;
    }
    const turn = ++this.turn;
    const target = await this.server.target(fileOf(document));
    if (turn === this.turn) {
      this.show(target);
    }
  }

  private show(target: Target | undefined): void {
    if (!target) {
      this.item?.dispose();
      this.item = undefined;
      return;
    }
    this.item ??= newItem();
    Object.assign(this.item, describeTarget(target, shortenPath));
  }

  /** Lets the user choose an interpreter, or a release in spite of what is installed. */
  private async select(): Promise<void> {
    await this.server.started();
    const document = documentInFront();
    const place = document && fileOf(document);
    const target = await this.server.target(place ?? NEW_FILE);
    if (!target) {
      await commands.executeCommand("workbench.action.openSettings", `${SECTION}.target`);
      return;
    }
    const { text, detail } = describeTarget(target, shortenPath);
    const picked = await window.showQuickPick(choices(target, place), {
      title: l10n.t("Callscope: AutoGen release to check against"),
      placeHolder: l10n.t("Now: {0}, {1}", text, detail),
      matchOnDescription: true,
    });
    await picked?.run();
  }

  dispose(): void {
    this.item?.dispose();
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
  }
}

type Choice = QuickPickItem & { run(): Thenable<unknown> };

function choices(target: Target, place: Uri | undefined): Choice[] {
  const found: Choice[] = [
    {
      label: `$(symbol-misc) ${l10n.t("Select interpreter…")}`,
      detail: l10n.t("The release that is installed for it counts"),
      run: selectInterpreter,
    },
  ];
  if (target.origin === "given") {
    found.push({
      label: `$(discard) ${l10n.t("Use what is installed")}`,
      detail: l10n.t("Clears the setting {0}", `${SECTION}.target`),
      run: () => clearTarget(place),
    });
  }
  found.push({
    label: l10n.t("Check against another release"),
    kind: QuickPickItemKind.Separator,
    run: () => Promise.resolve(),
  });
  for (const known of target.known) {
    const current = known.target === target.target;
    found.push({
      label: `${current ? "$(check) " : ""}${known.title}`,
      description: known.target,
      run: () => setTarget(place, known.target),
    });
  }
  return found;
}

async function selectInterpreter(): Promise<void> {
  const own = workspace.getConfiguration(SECTION).get<string>("interpreter", "");
  const askPython = own === "" && workspace.isTrusted && extensions.getExtension(PYTHON_EXTENSION);
  await (askPython ? commands.executeCommand("python.setInterpreter") : openInterpreterSetting());
}

function setTarget(place: Uri | undefined, value: string): Thenable<void> {
  const folders = workspace.workspaceFolders ?? [];
  const inFolder = place && workspace.getWorkspaceFolder(place) !== undefined;
  const where =
    folders.length === 0
      ? ConfigurationTarget.Global
      : folders.length > 1 && inFolder
        ? ConfigurationTarget.WorkspaceFolder
        : ConfigurationTarget.Workspace;
  return configurationOf(place).update("target", value, where);
}

/** Takes the setting out wherever it stands. */
async function clearTarget(place: Uri | undefined): Promise<void> {
  const configuration = configurationOf(place);
  const set = configuration.inspect<string>("target");
  for (const [value, where] of [
    [set?.workspaceFolderValue, ConfigurationTarget.WorkspaceFolder],
    [set?.workspaceValue, ConfigurationTarget.Workspace],
    [set?.globalValue, ConfigurationTarget.Global],
  ] as const) {
    if (value !== undefined) {
      await configuration.update("target", undefined, where);
    }
  }
}

function configurationOf(place: Uri | undefined): WorkspaceConfiguration {
  return workspace.getConfiguration(SECTION, place ?? workspace.workspaceFolders?.[0]);
}

function newItem(): LanguageStatusItem {
  const item = languages.createLanguageStatusItem("callscope.target", SELECTOR);
  item.name = l10n.t("Callscope: AutoGen release");
  item.command = { command: "callscope.selectTarget", title: l10n.t("Change") };
  return item;
}

function documentInFront(): TextDocument | undefined {
  const document = window.activeTextEditor?.document;
  return document && languages.match(SELECTOR, document) > 0 ? document : undefined;
}

/** A path as people name it: from the workspace folder on, or from their home. */
function shortenPath(path: string): string {
  const relative = workspace.asRelativePath(path);
  return relative === path ? shortenHome(path) : relative;
}
