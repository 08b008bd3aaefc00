import { shortenHome } from "./home";

/** What a maintainer asks first. In English, whatever the editor's language. */
export interface DebugFacts {
  /** Names and values, in the order they are shown; what is undefined is left out. */
  readonly facts: readonly (readonly [name: string, value: string | undefined])[];
  readonly settings: Readonly<Record<string, unknown>>;
  /** Names and versions of what the server brings along. */
  readonly libraries: readonly string[];
  readonly log: readonly string[];
}

const LOG_LINES = 40;

/** The facts as markdown, without the user's home folder and without what looks like a secret. */
export function debugText({ facts, settings, libraries, log }: DebugFacts, home?: string): string {
  const known = facts.filter(([, value]) => value !== undefined);
  const lines = [
    "### Callscope: debug information",
    "",
    ...known.map(([name, value]) => `- **${name}:** ${String(value)}`),
    `- **Bundled:** ${libraries.join(", ") || "nothing (source tree)"}`,
    "",
    "Settings that differ from the default:",
    "",
    ...fenced("json", JSON.stringify(settings, null, 2)),
    "",
    "The end of the log:",
    "",
    ...fenced("text", log.slice(-LOG_LINES).join("\n") || "(empty)"),
  ];
  return shortenHome(withoutSecrets(lines.join("\n")), home) + "\n";
}

/** Names and versions in a folder of installed packages. */
export function librariesIn(names: readonly string[]): string[] {
  return names
    .map((name) => /^(.+)-([^-]+)\.dist-info$/.exec(name))
    .filter((match) => match !== null)
    .map(([, name, version]) => `${String(name)} ${String(version)}`)
    .sort();
}

function fenced(language: string, text: string): string[] {
  // Longer than any fence inside.
  const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return [fence + language, text, fence];
}

function withoutSecrets(text: string): string {
  return text
    .replaceAll(/(:\/\/)[^/\s@]+@/g, "$1***@")
    .replaceAll(/\b((?:[\w-]*(?:api[_-]?key|token|passw(?:or)?d|secret))["']?\s*[=:]\s*)["']?[^\s"',;]+/gi, "$1***")
    .replaceAll(/\bsk-[\w-]{8,}/g, "***");
}
