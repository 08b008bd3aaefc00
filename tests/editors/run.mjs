// Drives the packed extension in a real VS Code: npm run test:editor [-- --vsix FILE] [-- --only PATTERN]
// `npm run tour` goes through tour/ instead of cases/ and takes the pictures of the documentation.
import {
  cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { bold, green, main, red, ROOT, seconds, step } from "../../scripts/lib.mjs";
import { pack, packExtension } from "../../scripts/package.mjs";
import { ensureBrowser, launchBrowser, openPage } from "./browser.mjs";
import { installExtension, installHost, startHost, writeIfNew, writeMachineSettings, writeSettings } from "./host.mjs";
import { tests as commands } from "./cases/commands.mjs";
import { tests as firstrun } from "./cases/firstrun.mjs";
import { tests as explain } from "./cases/explain.mjs";
import { tests as language } from "./cases/language.mjs";
import { tests as lens } from "./cases/lens.mjs";
import { tests as mistake } from "./cases/mistake.mjs";
import { tests as newcomer } from "./cases/newcomer.mjs";
import { tests as notebook } from "./cases/notebook.mjs";
import { tests as places } from "./cases/places.mjs";
import { tests as python } from "./cases/python.mjs";
import { tests as recovery } from "./cases/recovery.mjs";
import { tests as settings } from "./cases/settings.mjs";
import { tests as trust } from "./cases/trust.mjs";
import { tests as workspace } from "./cases/workspace.mjs";
import { Workbench } from "./workbench.mjs";

// One after the other in the same window, as a user goes on working; those that say `own`, in one
// of their own, because they need another profile. After one that says `spoils` it is a new window.
const TESTS = [
  ...newcomer,
  ...mistake,
  ...notebook,
  ...lens,
  ...explain,
  ...workspace,
  ...settings,
  ...commands,
  ...firstrun,
  ...python,
  ...places,
  ...language,
  ...trust,
  ...recovery,
];
const DATA = path.join(ROOT, "tests", "editors", "data");
const TOUR = path.join(ROOT, "tests", "editors", "tour");
const SHOTS = path.join(ROOT, "artifacts", "editor");
const PICTURES = path.join(ROOT, "docs", "images");
const TEST_TIMEOUT_MS = 240_000;

// How the window looks in the pictures.
const LOOKS = {
  "breadcrumbs.enabled": false,
  "editor.fontFamily": "'JetBrains Mono', 'DejaVu Sans Mono', monospace",
  "editor.fontSize": 15,
  "editor.hover.delay": 300,
  "editor.lineHeight": 1.6,
  "editor.minimap.enabled": false,
  "editor.renderLineHighlight": "none",
  "editor.scrollBeyondLastLine": false,
  // What one test has typed is not saved into the files of the next.
  "files.autoSave": "off",
  "problems.showCurrentInStatus": false,
  "workbench.activityBar.location": "hidden",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.editor.showTabs": "single",
  "workbench.sideBar.location": "right",
};

/** A profile and a workspace with a window, for one test or for several that follow each other. */
class Session {
  constructor(browser, vsix, extensions, folder, shots) {
    this.vsix = vsix;
    this.browser = browser;
    this.extensions = extensions;
    this.folder = folder;
    this.shots = shots;
    this.workspace = path.join(folder, "workspace");
    this.profile = path.join(folder, "profile");
    this.renewFiles();
  }

  /** The workspace as every test finds it. */
  renewFiles() {
    mkdirSync(this.workspace, { recursive: true });
    const wanted = readdirSync(DATA);
    for (const name of readdirSync(this.workspace))
      if (name !== ".vscode" && !wanted.includes(name)) rmSync(path.join(this.workspace, name), { recursive: true });
    for (const name of wanted) writeIfNew(path.join(this.workspace, name), readFileSync(path.join(DATA, name), "utf8"));
    this.writeWorkspaceSettings({});
  }

  /** Makes the window and the workspace what they were at first, for the next test. */
  async renew() {
    await this.bench?.clear();
    this.renewFiles();
  }

  /** Gives this test a set of extensions of its own, with one more from a source folder. */
  async addExtension(source) {
    const own = path.join(this.folder, "extensions");
    cpSync(this.extensions, own, { recursive: true });
    this.extensions = own;
    const vsix = path.join(this.folder, "added.vsix");
    await pack(source, vsix);
    await installExtension(this.profile, own, vsix);
  }

  /** The settings of the workspace, or of one of its folders. */
  writeWorkspaceSettings(settings, root = ".") {
    const folder = path.join(this.workspace, root, ".vscode");
    mkdirSync(folder, { recursive: true });
    writeIfNew(path.join(folder, "settings.json"), JSON.stringify(settings));
  }

  /** Opens a file of the workspace in the editor; without one, a window in which nothing is open. Only a new window takes options: the user's settings are read but once. */
  async open(file, options = {}) {
    if (!this.window) await this.#openWindow(file, options);
    else if (Object.keys(options).length === 0) await this.bench.openFile(file);
    else throw new Error(`a window that is open takes no ${Object.keys(options).join(", ")}`);
    return this.bench;
  }

  /** `machine`: settings of the machine; `roots`: folders of the workspace that are opened as one of several. */
  async #openWindow(file, { settings = {}, machine = {}, environment = {}, trusted = true, scale, language, roots }) {
    writeSettings(this.profile, { ...LOOKS, ...settings });
    writeMachineSettings(this.profile, machine);
    this.host = await startHost(this.profile, this.extensions, { environment, trustEveryFolder: trusted });
    this.window = await openPage(this.browser, { scale, language });
    this.bench = new Workbench(this.window.page);
    const place = roots ? this.#writeRoots(roots) : this.workspace;
    await this.bench.open(file ? this.host.folderUrl(place, file) : this.host.emptyUrl);
  }

  #writeRoots(roots) {
    const file = path.join(this.workspace, "several.code-workspace");
    writeIfNew(file, JSON.stringify({ folders: roots.map((root) => ({ path: root })) }));
    return file;
  }

  /** Keeps a picture of the window as it is, or of a part: `{ x, y, width, height }` in CSS pixels. */
  async shot(name, clip) {
    const file = path.join(this.shots, `${name}.png`);
    await this.window?.page.screenshot({ path: file, animations: "disabled", clip });
  }

  /** Keeps what there is to see of a failure: the window, and the logs of the editor and its extensions. */
  async keep(name) {
    cpSync(path.join(this.profile, "user-data", "logs"), path.join(SHOTS, name), { recursive: true });
    this.shots = SHOTS;
    await this.shot(name);
  }

  async close() {
    await this.window?.close();
    await this.host?.stop();
  }
}

async function runTest(test, session) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`not done after ${TEST_TIMEOUT_MS / 1000} s`)),
      TEST_TIMEOUT_MS,
    );
  });
  try {
    await Promise.race([session.renew().then(() => test.run(session)), timeout]);
    if (session.window.outside.size)
      throw new Error(`the page asked for ${[...session.window.outside].join(", ")}`);
  } catch (error) {
    await session.keep(`failed-${test.name.replaceAll(/\W+/g, "-")}`).catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The stops of the tour, in the order of their files' names. */
async function stops() {
  const files = readdirSync(TOUR).filter((name) => name.endsWith(".mjs")).sort();
  return (await Promise.all(files.map((name) => import(`./tour/${name}`)))).flatMap(({ tests }) => tests);
}

async function runAll({ vsix, only, tour }) {
  const tests = tour ? await stops() : TESTS;
  const executable = await ensureBrowser();
  await installHost();
  if (!vsix) vsix = await packExtension();
  rmSync(SHOTS, { recursive: true, force: true });
  mkdirSync(SHOTS, { recursive: true });
  const scratch = mkdtempSync(path.join(os.tmpdir(), "callscope-editor-"));
  const extensions = path.join(scratch, "extensions");
  await step("The extension into a fresh VS Code", () =>
    installExtension(path.join(scratch, "install"), extensions, path.resolve(vsix)),
  );
  const browser = await launchBrowser(executable);
  let passed = 0;
  let failed = 0;
  const newSession = () => {
    const folder = mkdtempSync(path.join(scratch, "test-"));
    return new Session(browser, path.resolve(vsix), extensions, folder, tour ? PICTURES : SHOTS);
  };
  const runOne = async (test, session) => {
    const started = performance.now();
    try {
      await runTest(test, session);
      passed++;
      console.log(`  ${green("passed")} ${test.name} ${seconds(started)}`);
      return true;
    } catch (error) {
      failed++;
      console.log(`  ${red("FAILED")} ${bold(test.name)} ${seconds(started)}\n${error.stack}`);
      return false;
    }
  };
  const inWindowsOfTheirOwn = async (some) => {
    for (const test of some) {
      const session = newSession();
      await runOne(test, session);
      await session.close();
    }
  };
  const inOneWindow = async (some) => {
    let session;
    for (const test of some) {
      session ??= newSession();
      if ((await runOne(test, session)) && !test.spoils) continue;
      await session.close();
      session = undefined;
    }
    await session?.close();
  };
  const wanted = tests.filter(({ name }) => !only || name.match(only));
  try {
    if (tour) await inWindowsOfTheirOwn(wanted);
    else {
      await inWindowsOfTheirOwn(wanted.filter(({ alone }) => alone));
      // A window waits more than it works: two at a time take little more than one.
      await Promise.all([
        inOneWindow(wanted.filter(({ alone, own }) => !alone && !own)),
        inWindowsOfTheirOwn(wanted.filter(({ own }) => own)),
      ]);
    }
  } finally {
    await browser.close();
    rmSync(scratch, { recursive: true, force: true });
  }
  if (existsSync(SHOTS)) console.log(`Pictures are in ${path.relative(ROOT, SHOTS)}/`);
  console.log(`\n${passed} passed, ${failed} failed`);
  return passed && !failed ? 0 : 1;
}

// An interrupted run takes the editor along: it ends with this process, but only in an orderly exit.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130));

const { values } = parseArgs({
  options: { vsix: { type: "string" }, only: { type: "string" }, tour: { type: "boolean" } },
});
await main(() => runAll(values));
