import { promises as files } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { env, l10n, version, window, workspace, type ExtensionContext } from "vscode";
import { debugText, librariesIn } from "./debugText";
import type { Layout } from "./layout";
import { fileOf, NEW_FILE } from "./notebooks";
import { describe } from "./python";
import type { Server } from "./server";
import { SECTION } from "./settings";
import { describeTarget } from "./targetText";

const LOG_BYTES = 32 * 1024;

/** Puts what a report of a problem needs on the clipboard. Works without a server, too. */
export async function copyDebugInformation(
  context: ExtensionContext,
  layout: Layout,
  server: Server,
): Promise<void> {
  const manifest = context.extension.packageJSON as Manifest;
  const { state, runner, interpreter, crashes } = server.account;
  const document = window.activeTextEditor?.document;
  const target = await server.target(document ? fileOf(document) : NEW_FILE);
  const release = target && describeTarget(target, (place) => place);
  const text = debugText({
    facts: [
      ["Extension", manifest.version],
      ["Server", state],
      ["VS Code", `${version} (${env.appName}${env.remoteName ? `, remote: ${env.remoteName}` : ""})`],
      ["System", `${os.type()} ${os.release()} ${os.arch()}`],
      ["Python of the server", runner && describe(runner)],
      ["Python of the project", interpreter ?? "none selected"],
      ["Framework", release && `${release.text}, ${release.detail}`],
      ["Target", target && `${target.target} (${target.origin})`],
      ["Configuration", target?.configuration ?? undefined],
      ["Workspace", `${workspace.workspaceFolders?.length ?? 0} folders, ${trust()}`],
      ["Crashes of late", String(crashes)],
    ],
    settings: settingsThatDiffer(manifest),
    libraries: librariesIn(await namesIn(layout.home)),
    log: await lastLines(context.logUri.fsPath),
  });
  await env.clipboard.writeText(text);
  void window.showInformationMessage(l10n.t("Callscope: the debug information is on the clipboard."));
}

interface Manifest {
  readonly version: string;
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default?: unknown }>> };
  };
}

function trust(): string {
  return workspace.isTrusted ? "trusted" : "Restricted Mode";
}

function settingsThatDiffer(manifest: Manifest): Record<string, unknown> {
  const configuration = workspace.getConfiguration(undefined, window.activeTextEditor?.document.uri);
  const found: Record<string, unknown> = {};
  for (const [key, { default: usual }] of Object.entries(manifest.contributes.configuration.properties)) {
    const value = configuration.get(key);
    if (key.startsWith(`${SECTION}.`) && JSON.stringify(value) !== JSON.stringify(usual)) {
      found[key] = value;
    }
  }
  return found;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await files.readdir(folder);
  } catch {
    return [];
  }
}

/** The end of the newest log in a folder. VS Code writes it, and the server's messages with it. */
async function lastLines(folder: string): Promise<string[]> {
  for (const name of (await namesIn(folder)).filter((each) => each.endsWith(".log"))) {
    try {
      const text = await files.readFile(path.join(folder, name), "utf8");
      return text.slice(-LOG_BYTES).trimEnd().split(/\r?\n/);
    } catch {
      // Another one, perhaps.
    }
  }
  return [];
}
