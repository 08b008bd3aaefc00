// npm run editor: opens examples/ in a real editor with the extension installed.
//
//   npm run editor -- PATH        another folder
//   npm run editor -- --browser   VS Code in the browser, even where `code` is installed
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { bold, dim, main, must, Refusal, ROOT, step, WINDOWS } from "./lib.mjs";
import { packExtension } from "./package.mjs";
import { installExtension, installHost, startHost, writeSettings } from "../tests/editors/host.mjs";

const PROFILE = path.join(ROOT, ".cache", "editor-profile");
const EXTENSIONS = path.join(PROFILE, "extensions");
/** The file of examples/ to begin with. */
const START = path.join("signature_groupchat", "newsroom.py");
const CODE = WINDOWS ? "code.cmd" : "code";

/** Is VS Code's own command there, and not merely something of that name? */
function hasCode() {
  const { status, stdout } = spawnSync(CODE, ["--version"], { encoding: "utf8", shell: WINDOWS });
  return status === 0 && /^\d+\.\d+\.\d+/.test(stdout);
}

/** The user's own VS Code, with a profile of ours, so that theirs stays as it is. */
async function openDesktop(folder, vsix) {
  const own = ["--user-data-dir", path.join(PROFILE, "user-data"), "--extensions-dir", EXTENSIONS];
  await step("The extension into VS Code", () =>
    must([CODE, ...own, "--install-extension", vsix, "--force"]),
  );
  await must([CODE, ...own, "--disable-workspace-trust", "--new-window", folder]);
  console.log(`\nVS Code shows ${bold(folder)}.`);
}

async function openBrowser(folder, vsix) {
  await installHost();
  await step("The extension into the editor", () => installExtension(PROFILE, EXTENSIONS, vsix));
  const host = await startHost(PROFILE, EXTENSIONS);
  const start = existsSync(path.join(folder, START)) ? START : undefined;
  console.log(`\nOpen ${bold(host.folderUrl(folder, start))}`);
  console.log(dim("It listens on this machine only. Ctrl+C ends it."));
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, resolve);
  });
  await host.stop();
}

await main(async () => {
  const { values, positionals } = parseArgs({
    options: { browser: { type: "boolean" } },
    allowPositionals: true,
  });
  // npm runs scripts in the repository's folder; paths are meant from where the user stands.
  const given = positionals[0] && path.resolve(process.env.INIT_CWD ?? process.cwd(), positionals[0]);
  const folder = given ?? path.join(ROOT, "examples");
  if (!existsSync(folder)) throw new Refusal(`There is no folder ${folder}.`);
  const vsix = await packExtension();
  mkdirSync(PROFILE, { recursive: true });
  writeSettings(PROFILE, {
    "callscope.diagnosticMode": "workspace",
    "workbench.colorTheme": "Default Dark Modern",
  });
  await (!values.browser && hasCode() ? openDesktop : openBrowser)(folder, vsix);
});
