import { l10n, languages, LanguageStatusSeverity, type Disposable, type LanguageStatusItem } from "vscode";
import { SELECTOR } from "./selector";

/** What the user can be told about the server, in the language status of Python files. */
export type State =
  | { readonly kind: "starting" }
  | {
      readonly kind: "ready";
      readonly version: string;
      readonly detail: string;
      readonly problem: string | undefined;
    }
  | { readonly kind: "noPython"; readonly detail: string }
  | { readonly kind: "crashed" }
  | { readonly kind: "off" };

export class Status implements Disposable {
  /** What was shown last. */
  state: State = { kind: "starting" };
  private readonly item: LanguageStatusItem;

  constructor() {
    this.item = languages.createLanguageStatusItem("callscope", SELECTOR);
    this.item.name = "Callscope";
    this.show({ kind: "starting" });
  }

  show(state: State): void {
    const { item } = this;
    this.state = state;
    item.busy = state.kind === "starting";
    item.severity = LanguageStatusSeverity.Information;
    item.detail = "";
    item.command = { command: "callscope.showLog", title: l10n.t("Show Log") };
    switch (state.kind) {
      case "starting":
        item.text = l10n.t("Callscope: starting");
        break;
      case "ready":
        item.text = `Callscope ${state.version}`.trim();
        item.detail = state.problem ?? state.detail;
        if (state.problem) {
          item.severity = LanguageStatusSeverity.Warning;
        }
        break;
      case "noPython":
        item.text = l10n.t("Callscope: no Python");
        item.detail = state.detail;
        item.severity = LanguageStatusSeverity.Error;
        break;
      case "crashed":
        item.text = l10n.t("Callscope: stopped");
        item.detail = l10n.t("The server stopped several times");
        item.severity = LanguageStatusSeverity.Error;
        item.command = { command: "callscope.restart", title: l10n.t("Restart") };
        break;
      case "off":
        item.text = l10n.t("Callscope: off");
        item.detail = l10n.t("Switched off in the settings");
        break;
    }
  }

  dispose(): void {
    this.item.dispose();
  }
}
