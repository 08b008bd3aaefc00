import { l10n, LanguageStatusSeverity, type Command } from "vscode";
import { OLDEST_NAME } from "./python";

/** What the user can be told about the server, in the language status of Python files. */
export type State =
  | { readonly kind: "starting" }
  | {
      readonly kind: "ready";
      readonly version: string;
      readonly detail: string;
      readonly problem: string | undefined;
      /** Where nothing can be fixed, the command that says why. */
      readonly fixesMissing?: string;
    }
  | { readonly kind: "noPython"; readonly detail: string }
  | { readonly kind: "crashed" }
  | { readonly kind: "off" };

/** A check of all files that is not done. */
export type Check = "underWay" | "cancelled";

/** What stands in the language status. */
export interface StatusText {
  readonly text: string;
  readonly detail: string;
  readonly severity: LanguageStatusSeverity;
  readonly command: Command;
}

export function describeState(state: State, check?: Check): StatusText {
  const shown = {
    detail: "",
    severity: LanguageStatusSeverity.Information,
    command: { command: "callscope.showLog", title: l10n.t("Show Log") },
  };
  switch (state.kind) {
    case "starting":
      return { ...shown, text: l10n.t("Callscope: starting") };
    case "ready":
      return { ...shown, text: `Callscope ${state.version}`.trim(), ...whatIsWrong(state), ...(check && ofCheck(check)) };
    case "noPython":
      return {
        ...shown,
        text: l10n.t("Callscope: no Python"),
        detail: state.detail,
        severity: LanguageStatusSeverity.Error,
      };
    case "crashed":
      return {
        text: l10n.t("Callscope: stopped"),
        detail: l10n.t("The server stopped several times"),
        severity: LanguageStatusSeverity.Error,
        command: { command: "callscope.restart", title: l10n.t("Restart") },
      };
    case "off":
      return { ...shown, text: l10n.t("Callscope: off"), detail: l10n.t("Switched off in the settings") };
  }
}

/** Why nothing can be asked of the server, as an answer to somebody who has asked; undefined while it runs. */
export function whyNot({ kind }: State): string | undefined {
  switch (kind) {
    case "starting":
      return l10n.t("Callscope is still starting.");
    case "ready":
      return undefined;
    case "noPython":
      return l10n.t("Callscope needs {0} or newer to run and found none.", OLDEST_NAME);
    case "crashed":
      return l10n.t("Callscope has stopped. Its log may tell why.");
    case "off":
      return l10n.t("Callscope is switched off in the settings.");
  }
}

/** Where a check of all files can be ended, and begun again. */
function ofCheck(check: Check): Partial<StatusText> {
  return check === "underWay"
    ? {
        detail: l10n.t("Checking the workspace"),
        command: { command: "callscope.cancelCheck", title: l10n.t("Cancel") },
      }
    : {
        detail: l10n.t("The check of the workspace was cancelled"),
        command: { command: "callscope.checkWorkspace", title: l10n.t("Check Again") },
      };
}

/** Of a server that runs: what it cannot do, else what it runs with. */
function whatIsWrong({ detail, problem, fixesMissing }: State & { kind: "ready" }): Partial<StatusText> {
  if (problem) {
    return { detail: problem, severity: LanguageStatusSeverity.Warning };
  }
  if (fixesMissing) {
    return {
      detail: l10n.t("No fixes: libcst is missing"),
      severity: LanguageStatusSeverity.Warning,
      command: { command: fixesMissing, title: l10n.t("Show Why") },
    };
  }
  return { detail };
}
