import { execFile } from "node:child_process";
import * as path from "node:path";
import { l10n } from "vscode";

/** A Python that was run and told its version. */
export interface Python {
  /** What to run, with the arguments that select it (`py -3`). */
  readonly command: readonly string[];
  readonly version: readonly [major: number, minor: number, patch: number];
}

export const OLDEST: readonly [number, number] = [3, 10];
const NEWEST_MINOR = 14;
const PROBE_TIMEOUT_MS = 10_000;

/** Whether the server can run with it. */
export function isNewEnough({ version: [major, minor] }: Python): boolean {
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

export function describe({ command, version }: Python): string {
  return `Python ${version.join(".")} (${command.join(" ")})`;
}

/** `Python 3.10`, the way messages name the oldest one that will do. */
export const OLDEST_NAME = `Python ${OLDEST.join(".")}`;

/**
 * Asks a Python for its version, without letting it see the workspace: isolated mode and no
 * `site`, so that neither PYTHON* variables nor .pth files nor the current folder run code.
 */
export function probe(command: readonly string[], cwd: string): Promise<Python | string> {
  const [file = "", ...args] = command;
  const code = 'import sys; print("%d.%d.%d" % sys.version_info[:3])';
  return new Promise((resolve) => {
    execFile(
      file,
      [...args, "-I", "-S", "-c", code],
      { cwd, timeout: PROBE_TIMEOUT_MS, windowsHide: true },
      (error, stdout) => {
        const version = parseVersion(stdout);
        if (version) {
          resolve({ command, version });
        } else {
          resolve(error ? failure(error) : l10n.t("it did not print a version"));
        }
      },
    );
  });
}

function failure(error: Error & { code?: unknown; killed?: boolean }): string {
  if (error.code === "ENOENT") {
    return l10n.t("there is no such file");
  }
  if (error.code === "EACCES") {
    return l10n.t("it may not be executed");
  }
  return error.killed ? l10n.t("it did not answer") : l10n.t("it failed with {0}", String(error.code));
}

export function parseVersion(output: string): Python["version"] | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\s*$/.exec(output);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

/**
 * The commands to try on PATH, best first. Entries of PATH that are relative would be looked
 * up in whatever folder we run in, so they are left out.
 */
export function candidatesOnPath(
  searchPath: string,
  platform: NodeJS.Platform,
  exists: (file: string) => boolean,
): string[][] {
  const api = platform === "win32" ? path.win32 : path.posix;
  const folders = searchPath.split(api.delimiter).filter((folder) => api.isAbsolute(folder));
  const find = (name: string) =>
    folders.map((folder) => api.join(folder, platform === "win32" ? `${name}.exe` : name)).filter(exists);
  const names = [];
  for (let minor = NEWEST_MINOR; minor >= OLDEST[1]; minor--) {
    names.push(`python3.${minor}`);
  }
  const commands = [...names, "python3", "python"].flatMap(find).map((file) => [file]);
  if (platform === "win32") {
    commands.push(...find("py").map((file) => [file, "-3"]));
  }
  return commands;
}

/** Spells out `~`, `${workspaceFolder}` and relative paths of the interpreter setting; a bare name stays one. */
export function expandSetting(value: string, home: string, folder: string | undefined): string {
  let result = value.trim().replaceAll("${workspaceFolder}", folder ?? "");
  if (result === "~" || /^~[\\/]/.test(result)) {
    result = home + result.slice(1);
  }
  const isBareName = !/[\\/]/.test(result);
  return isBareName || path.isAbsolute(result) || !folder ? result : path.join(folder, result);
}
