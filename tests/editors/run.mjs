// Drives the packed extension in a real VS Code: npm run test:editor [-- --vsix FILE] [-- --only PATTERN]
// `npm run tour` goes through tour/ instead of cases/ and takes the pictures of the documentation.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { bold, green, main, red, ROOT, seconds, step } from "../../scripts/lib.mjs";
import { pack, packExtension } from "../../scripts/package.mjs";
import { ensureBrowser, launchBrowser, openPage } from "./browser.mjs";
import { installExtension, installHost, startHost, writeSettings } from "./host.mjs";
import { tests as firstrun } from "./cases/firstrun.mjs";
import { tests as explain } from "./cases/explain.mjs";
import { tests as lens } from "./cases/lens.mjs";
import { tests as mistake } from "./cases/mistake.mjs";
import { tests as newcomer } from "./cases/newcomer.mjs";
import { tests as notebook } from "./cases/notebook.mjs";
import { tests as python } from "./cases/python.mjs";
import { tests as recovery } from "./cases/recovery.mjs";
import { tests as settings } from "./cases/settings.mjs";
import { tests as trust } from "./cases/trust.mjs";
import { Workbench } from "./workbench.mjs";

const TESTS = [
  ...explain,
  ...firstrun,
  ...lens,
  ...mistake,
  ...newcomer,
  ...notebook,
  ...python,
  ...recovery,
  ...settings,
  ...trust,
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
  "problems.showCurrentInStatus": false,
  "workbench.activityBar.location": "hidden",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.editor.showTabs": "single",
  "workbench.sideBar.location": "right",
};

/** One test in a profile and workspace of its own; the host runs for as long as the test does. */
class Session {
  constructor(browser, vsix, extensions, folder, shots) {
    this.vsix = vsix;
    this.browser = browser;
    this.extensions = extensions;
    this.folder = folder;
    this.shots = shots;
    this.workspace = path.join(folder, "workspace");
    this.profile = path.join(folder, "profile");
    cpSync(DATA, this.workspace, { recursive: true });
    this.writeWorkspaceSettings({});
  }

  /** Gives this test a set of extensions of its own, and returns their folder. */
  ownExtensions() {
    const own = path.join(this.folder, "extensions");
    cpSync(this.extensions, own, { recursive: true });
    this.extensions = own;
    return own;
  }

  /** The name of the folder that Callscope was installed into. */
  extensionFolder() {
    return readdirSync(this.extensions).find((name) => name.startsWith("callscope.callscope-"));
  }

  /** Gives this test a set of extensions of its own, with one more from a source folder. */
  async addExtension(source) {
    const own = this.ownExtensions();
    const vsix = path.join(this.folder, "added.vsix");
    await pack(source, vsix);
    await installExtension(this.profile, own, vsix);
  }

  writeWorkspaceSettings(settings) {
    const folder = path.join(this.workspace, ".vscode");
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "settings.json"), JSON.stringify(settings));
  }

  /** Opens a file of the workspace in the editor. */
  async open(file, { settings = {}, environment = {}, trusted = true, scale } = {}) {
    writeSettings(this.profile, { ...LOOKS, ...settings });
    this.host = await startHost(this.profile, this.extensions, { environment, trustEveryFolder: trusted });
    this.window = await openPage(this.browser, { scale });
    this.bench = new Workbench(this.window.page);
    await this.bench.open(this.host.folderUrl(this.workspace, file));
    return this.bench;
  }

  /** Keeps a picture of the window as it is, or of a part: `{ x, y, width, height }` in CSS pixels. */
  async shot(name, clip) {
    const file = path.join(this.shots, `${name}.png`);
    await this.window?.page.screenshot({ path: file, animations: "disabled", clip });
  }

  async close() {
    await this.window?.close();
    await this.host?.stop();
  }
}

async function runTest(test, browser, vsix, extensions, scratch, shots) {
  const session = new Session(browser, vsix, extensions, mkdtempSync(path.join(scratch, "test-")), shots);
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`not done after ${TEST_TIMEOUT_MS / 1000} s`)),
      TEST_TIMEOUT_MS,
    );
  });
  try {
    await Promise.race([test.run(session), timeout]);
    if (session.window.outside.size)
      throw new Error(`the page asked for ${[...session.window.outside].join(", ")}`);
  } catch (error) {
    session.shots = SHOTS;
    await session.shot(`failed-${test.name.replaceAll(/\W+/g, "-")}`).catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
    await session.close();
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
  const runOne = async (test) => {
    const started = performance.now();
    try {
      await runTest(test, browser, path.resolve(vsix), extensions, scratch, tour ? PICTURES : SHOTS);
      passed++;
      console.log(`  ${green("passed")} ${test.name} ${seconds(started)}`);
    } catch (error) {
      failed++;
      console.log(`  ${red("FAILED")} ${bold(test.name)} ${seconds(started)}\n${error.stack}`);
    }
  };
  const wanted = tests.filter(({ name }) => !only || name.match(only));
  const together = wanted.filter(({ alone }) => !alone);
  const lane = async () => {
    for (let test = together.shift(); test; test = together.shift()) await runOne(test);
  };
  try {
    for (const test of wanted.filter(({ alone }) => alone)) await runOne(test);
    // A window waits more than it works: two at a time take little more than one.
    await Promise.all(tour ? [lane()] : [lane(), lane()]);
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
