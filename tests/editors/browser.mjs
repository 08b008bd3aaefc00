// Debian's Chromium, driven by Playwright, kept on the loopback interface.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import { must, Refusal, step } from "../../scripts/lib.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const VIEWPORT = { width: 1280, height: 800 };

function findBrowser() {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) =>
    existsSync(file),
  );
}

/** The path of a Chromium, which is installed if this is a Debian and we may. */
export async function ensureBrowser() {
  const found = findBrowser();
  if (found) return found;
  const mayInstall = process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).status === 0;
  if (!mayInstall) {
    throw new Refusal("The editor tests need Chromium. On Debian: sudo apt-get install chromium");
  }
  await step("Chromium", async () => {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await must(["apt-get", "update"], { env });
    await must(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], { env });
  });
  return findBrowser();
}

/** Starts the browser; nothing it does may leave this machine. */
export function launchBrowser(executablePath) {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
      "--font-render-hinting=none",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}

// What a web view reads by such a name, the editor's own service worker answers.
const OF_WEB_VIEWS = ".vscode-resource.vscode-cdn.net";

/**
 * In the page: makes the editor believe that its language pack is there, which is to be had at the
 * marketplace only. It stays English itself; extensions speak the language if they have it.
 */
function pretendLanguage(language) {
  Object.defineProperty(globalThis, "_VSCODE_NLS_LANGUAGE", { get: () => language, set() {} });
}

/** A new window. What it asks other hosts for, in vain, is collected in `outside`. */
export async function openPage(browser, { scale = 1, language } = {}) {
  const context = await browser.newContext({ viewport: VIEWPORT, deviceScaleFactor: scale });
  const outside = new Set();
  // Only looked at: a request that is routed through here takes longer, and is never cached.
  context.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (["data:", "blob:"].includes(protocol) || hostname === "127.0.0.1") return;
    if (!hostname.endsWith(OF_WEB_VIEWS)) outside.add(hostname);
  });
  if (language) await context.addInitScript(pretendLanguage, language);
  return { page: await context.newPage(), outside, close: () => context.close() };
}
