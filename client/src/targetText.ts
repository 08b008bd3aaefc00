import { l10n } from "vscode";

/** Which release a file is checked against, as the server tells it. */
export interface Target {
  /** `ag2==0.9.10` */
  readonly target: string;
  /** `AG2 0.9.10` */
  readonly title: string;
  /** False for a framework of AutoGen's family that has no `import autogen`. */
  readonly classic: boolean;
  readonly origin: "given" | "configured" | "installed" | "locked" | "assumed";
  /** The file or the interpreter that told it. */
  readonly place: string | null;
  readonly interpreter: string | null;
  readonly configuration: string | null;
  /** All that may be chosen instead. */
  readonly known: readonly { readonly target: string; readonly title: string }[];
}

/** What is checked against, in a few words; and how that is known. */
export function describeTarget(
  target: Target,
  shorten: (path: string) => string,
): { text: string; detail: string } {
  const { title, origin } = target;
  const place = target.place === null ? "" : shorten(target.place);
  if (origin === "assumed") {
    return {
      text: l10n.t("No AutoGen found"),
      detail: l10n.t("checking against {0}, the newest known", title),
    };
  }
  return { text: title, detail: target.classic ? howKnown(origin, place) : without(place) };
}

function howKnown(origin: Target["origin"], place: string): string {
  switch (origin) {
    case "installed":
      return l10n.t("installed for {0}", place);
    case "locked":
      return l10n.t("pinned in {0}", place);
    case "configured":
      return l10n.t("set in {0}", place);
    default:
      return l10n.t("set in the settings");
  }
}

function without(place: string): string {
  return place === ""
    ? l10n.t("it has no `import autogen`")
    : l10n.t("it has no `import autogen` (found in {0})", place);
}
