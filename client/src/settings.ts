import * as os from "node:os";
import { workspace, type ConfigurationChangeEvent } from "vscode";
import { expandSetting } from "./python";

export const SECTION = "callscope";

/** The settings that decide which process runs. All others are read by the server itself. */
export interface ProcessSettings {
  /** The path the user chose, spelled out; undefined when left empty. */
  readonly interpreter: string | undefined;
  readonly importStrategy: "useBundled" | "fromEnvironment";
  /** False when switched off everywhere, so that no process is needed. */
  readonly enabled: boolean;
}

export function readSettings(): ProcessSettings {
  const folders = workspace.workspaceFolders ?? [];
  const first = folders[0];
  const configuration = workspace.getConfiguration(SECTION, first);
  const interpreter = expandSetting(configuration.get("interpreter", ""), os.homedir(), first?.uri.fsPath);
  return {
    interpreter: interpreter === "" ? undefined : interpreter,
    importStrategy: configuration.get<ProcessSettings["importStrategy"]>("importStrategy", "useBundled"),
    enabled: (first ? folders : [undefined]).some((folder) =>
      workspace.getConfiguration(SECTION, folder).get<boolean>("enable", true),
    ),
  };
}

/** Whether a change of the settings calls for another process. */
export function needsRestart(event: ConfigurationChangeEvent, before: ProcessSettings): boolean {
  return (
    event.affectsConfiguration(`${SECTION}.interpreter`) ||
    event.affectsConfiguration(`${SECTION}.importStrategy`) ||
    readSettings().enabled !== before.enabled
  );
}
