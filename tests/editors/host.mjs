// A real VS Code that needs no desktop: code-server, installed from npm into a cache folder.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

// These belong together: this code-server is VS Code 1.139 and runs on Node 24 only.
const CODE_SERVER = "4.139.1";
const NODE = "24.21.0";

const CACHE = path.join(ROOT, ".cache", "vscode-host");
const NODE_HOME = path.join(CACHE, "node", "node_modules", `node-${process.platform}-${process.arch}`);
const CODE_SERVER_HOME = path.join(CACHE, "code-server", "node_modules", "code-server");

/** An unreachable gallery: tests and demos must not depend on, or disturb, a marketplace. */
const NO_GALLERY = '{"serviceUrl":"http://127.0.0.1:9/","itemUrl":"","resourceUrlTemplate":""}';

/** Settings that leave nothing on the screen but the user's own files. */
export const QUIET_SETTINGS = {
  "chat.disableAIFeatures": true,
  "editor.accessibilitySupport": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "remote.autoForwardPorts": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "window.commandCenter": false,
  "workbench.enableExperiments": false,
  "workbench.layoutControl.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/** Environment in which the pinned Node comes first. node-gyp must see that Node's headers, not the system's. */
function hostEnvironment(extra = {}) {
  return {
    ...process.env,
    EXTENSIONS_GALLERY: NO_GALLERY,
    PATH: path.join(NODE_HOME, "bin") + path.delimiter + process.env.PATH,
    // The environment is the one given here, not what a login shell would make of it.
    VSCODE_CLI: "1",
    npm_config_nodedir: NODE_HOME,
    ...extra,
  };
}

/** Runs a command, shows its output only if it fails. */
async function quietly(command, args, options) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  if (code !== 0)
    throw new Error(`${command} ${args.join(" ")} failed with code ${code}:\n${output.slice(-4000)}`);
  return output;
}

async function npmInstall(folder, ...packages) {
  mkdirSync(folder, { recursive: true });
  const manifest = path.join(folder, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, '{"private":true}\n');
  await quietly("npm", ["install", "--omit=dev", "--ignore-scripts", ...packages], {
    cwd: folder,
    env: hostEnvironment(),
  });
}

/** Installs the editor once; later calls return at once. */
export async function installHost(say = console.log) {
  const marker = path.join(CACHE, "installed");
  const wanted = `code-server ${CODE_SERVER}, node ${NODE}\n`;
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  if (process.platform === "win32")
    throw new Error("The browser-based editor does not run on Windows; install VS Code instead.");
  rmSync(CACHE, { recursive: true, force: true });
  say(`Installing code-server ${CODE_SERVER} into .cache/vscode-host (once, about a minute)`);
  say("  1/4 Node.js for the editor");
  await npmInstall(path.join(CACHE, "node"), `${path.basename(NODE_HOME)}@${NODE}`);
  say("  2/4 code-server");
  await npmInstall(path.join(CACHE, "code-server"), `code-server@${CODE_SERVER}`);
  const vscode = path.join(CODE_SERVER_HOME, "lib", "vscode");
  say("  3/4 packages of VS Code and of its built-in extensions");
  await npmInstall(vscode);
  await npmInstall(path.join(vscode, "extensions"));
  // Without spdlog the Output panel stays empty; without native-watchdog each extension host logs an error.
  say("  4/4 two native modules (compiled)");
  await quietly("npm", ["rebuild", "@vscode/spdlog", "@vscode/native-watchdog"], {
    cwd: vscode,
    env: hostEnvironment(),
  });
  const flavour = process.platform === "darwin" ? "darwin" : "linux";
  link(`code-${flavour}.sh`, path.join(vscode, "bin", "remote-cli", "code-server"));
  link(`browser-${flavour}.sh`, path.join(vscode, "bin", "helpers", "browser.sh"));
  writeFileSync(marker, wanted);
}

function link(target, place) {
  rmSync(place, { force: true });
  symlinkSync(target, place);
}

/** `extensions`: the folder of installed extensions, which several profiles may share. */
function codeServer(profile, extensions, args) {
  const entry = path.join(CODE_SERVER_HOME, "out", "node", "entry.js");
  const config = path.join(profile, "config.yaml");
  mkdirSync(profile, { recursive: true });
  if (!existsSync(config)) writeFileSync(config, "auth: none\n");
  return [
    path.join(NODE_HOME, "bin", "node"),
    [
      entry,
      "--config",
      config,
      "--user-data-dir",
      path.join(profile, "user-data"),
      "--extensions-dir",
      extensions,
      ...args,
    ],
  ];
}

/** Writes the user settings of a profile, if they are not the same as before. */
export function writeSettings(profile, settings) {
  write(settingsFile(profile, "User"), { ...QUIET_SETTINGS, ...settings });
}

/**
 * Writes the settings of the machine that the window works on, as one with a remote does: those of a
 * machine, such as the path of an interpreter, count there only. Among the user's they do as well until
 * the editor has read what the extension says of them, which is sometimes before and sometimes after
 * the extension has begun.
 */
export function writeMachineSettings(profile, settings) {
  write(settingsFile(profile, "Machine"), settings);
}

/** Where the settings of the user or of the machine stand. */
export function settingsFile(profile, whose) {
  return path.join(profile, "user-data", whose, "settings.json");
}

function write(file, settings) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeIfNew(file, JSON.stringify(settings, null, 2));
}

/** A file that holds this already is left alone: a change would be noticed. */
export function writeIfNew(file, text) {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

/** Installs a .vsix into a folder of extensions. */
export async function installExtension(profile, extensions, vsix) {
  const [command, args] = codeServer(profile, extensions, ["--install-extension", vsix, "--force"]);
  await quietly(command, args, { env: hostEnvironment() });
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Starts the editor on the loopback interface; `stop` ends it with every process it started. */
export async function startHost(
  profile,
  extensions,
  { environment = {}, trustEveryFolder = true, port } = {},
) {
  port ??= await freePort();
  const [command, args] = codeServer(profile, extensions, [
    "--auth",
    "none",
    "--bind-addr",
    `127.0.0.1:${port}`,
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-proxy",
    "--disable-getting-started-override",
    "--reconnection-grace-time",
    "10",
    ...(trustEveryFolder ? ["--disable-workspace-trust"] : []),
  ]);
  const logFile = path.join(profile, "server.log");
  const log = openSync(logFile, "a");
  // A process group of its own: the extension host and the language server outlive code-server otherwise.
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: hostEnvironment(environment),
  });
  closeSync(log);
  const kill = () => signalGroup(child.pid, "SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    await stopGroup(child);
    process.off("exit", kill);
  };
  const base = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 60_000;
  while (!(await healthy(base))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`The editor did not start:\n${readFileSync(logFile, "utf8").slice(-4000)}`);
    }
    await pause(100);
  }
  return {
    base,
    stop,
    folderUrl: (folder, file) => folderUrl(base, port, folder, file),
    emptyUrl: `${base}/?ew=true`,
    log: logFile,
    pid: child.pid,
  };
}

async function healthy(base) {
  try {
    return (await fetch(`${base}/healthz`)).ok;
  } catch {
    return false;
  }
}

/** The address of a window on a folder, or on the folders that a `.code-workspace` lists. */
function folderUrl(base, port, place, file) {
  const url = new URL(base);
  const several = place.endsWith(".code-workspace");
  url.searchParams.set(several ? "workspace" : "folder", place);
  const folder = several ? path.dirname(place) : place;
  if (file)
    url.searchParams.set(
      "payload",
      JSON.stringify([["openFile", `vscode-remote://127.0.0.1:${port}${path.join(folder, file)}`]]),
    );
  return url.href;
}

async function stopGroup(child) {
  for (const [signal, patience] of [
    ["SIGTERM", 5000],
    ["SIGKILL", 5000],
  ]) {
    if (!signalGroup(child.pid, signal)) return;
    for (const end = Date.now() + patience; Date.now() < end; await pause(50))
      if (!signalGroup(child.pid, 0)) return;
  }
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
