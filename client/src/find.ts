import { existsSync } from "node:fs";
import { l10n, workspace, type LogOutputChannel } from "vscode";
import { isInside } from "./inside";
import type { Layout } from "./layout";
import { candidatesOnPath, describe, isNewEnough, OLDEST_NAME, probe, type Python } from "./python";
import type { PythonExtension } from "./pythonExtension";
import type { ProcessSettings } from "./settings";

/** The two Pythons there are: the one that runs the server, and the one whose packages it reads. */
export interface Choice {
  /** Undefined if none was found that is new enough. */
  readonly runner: Python | undefined;
  /** The user's interpreter, of any version; undefined if none was chosen. */
  readonly interpreter: string | undefined;
  /** What is wrong with the setting, if something is. */
  readonly settingProblem: string | undefined;
}

/** Looks for Pythons: the setting, then the Python extension, then PATH. */
export async function findPythons(
  settings: ProcessSettings,
  layout: Layout,
  pythonExtension: PythonExtension,
  log: LogOutputChannel,
): Promise<Choice> {
  const ask = async (command: readonly string[], origin: string): Promise<Python | undefined> => {
    const answer = await probe(command, layout.home);
    if (typeof answer === "string") {
      log.debug(`${origin}: ${command.join(" ")}: ${answer}`);
      return undefined;
    }
    log.info(`${origin}: ${describe(answer)}${isNewEnough(answer) ? "" : ` is older than ${OLDEST_NAME}`}`);
    return answer;
  };

  let chosen: Python | undefined;
  let settingProblem: string | undefined;
  if (settings.interpreter) {
    const answer = mayRun(settings.interpreter)
      ? await probe([settings.interpreter], layout.home)
      : l10n.t("it lies in a folder that is not trusted");
    if (typeof answer === "string") {
      settingProblem = l10n.t(
        "The interpreter in the settings, {0}, cannot be used: {1}.",
        settings.interpreter,
        answer,
      );
      log.warn(settingProblem);
    } else {
      chosen = answer;
      log.info(`Settings: ${describe(answer)}`);
    }
  }
  // A folder that is not trusted may bring an interpreter of its own, and so run anything.
  if (!chosen && workspace.isTrusted) {
    const selected = await pythonExtension.interpreter();
    chosen = selected ? await ask([selected], "Python extension") : undefined;
  }
  const interpreter = chosen?.command[0];
  // In the source tree the server's own packages are only in the environment that the set-up made.
  if (layout.ownPython) {
    const own = await ask([layout.ownPython], "Source tree");
    if (own) {
      return { runner: own, interpreter, settingProblem };
    }
  }
  if (chosen && isNewEnough(chosen)) {
    return { runner: chosen, interpreter, settingProblem };
  }
  for (const command of candidatesOnPath(process.env.PATH ?? "", process.platform, existsSync)) {
    if (isInside(command[0] ?? "", folders())) {
      continue;
    }
    const python = await ask(command, "PATH");
    if (python && isNewEnough(python)) {
      return { runner: python, interpreter, settingProblem };
    }
  }
  return { runner: undefined, interpreter, settingProblem };
}

/**
 * Whether an interpreter may be run: any in a workspace that is trusted, and those from outside
 * of it otherwise, even where the user's own settings name one by a path that leads inside.
 */
function mayRun(interpreter: string): boolean {
  return workspace.isTrusted || !isInside(interpreter, folders(), process.env.PATH);
}

function folders(): string[] {
  return (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
}
