// Makes a fresh clone ready: a virtual environment with the locked packages, and node_modules.
// What is already in place, by content hash, is left alone: a second run costs nothing.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  isMain, main, must, npm, Refusal, ROOT, run, stampOf, step, VENV, venvProgram, WINDOWS,
} from "./lib.mjs";

const OLDEST = [3, 10];
const PYTHON_STAMP = path.join(VENV, "callscope-stamp.json");
const NODE_STAMP = path.join(ROOT, "node_modules", ".callscope-stamp");

const PROBE = `
import json, sys
missing = []
for name in ("venv", "ensurepip"):
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
print(json.dumps({"version": sys.version_info[:3], "path": sys.executable, "missing": missing}))
`;

/** What the interpreter behind a command says of itself, or null if there is none. */
async function probe(command) {
  try {
    const { code, output } = await run([...command, "-c", PROBE], { quiet: true });
    const line = output.trim().split(/\r?\n/).at(-1);
    return code === 0 ? { command, ...JSON.parse(line) } : null;
  } catch {
    return null;
  }
}

const tooOld = ({ version }) =>
  version[0] < OLDEST[0] || (version[0] === OLDEST[0] && version[1] < OLDEST[1]);

/**
 * Finds a Python to build the environment with: CALLSCOPE_PYTHON if set, else the first on PATH.
 * @throws Refusal saying what was tried and what to install
 */
export async function findPython() {
  const named = process.env.CALLSCOPE_PYTHON;
  if (named) {
    const found = await probe([named]);
    if (!found) throw new Refusal(`CALLSCOPE_PYTHON names ${named}, which does not run as a Python.`);
    if (tooOld(found)) {
      throw new Refusal(
        `CALLSCOPE_PYTHON names Python ${found.version.join(".")} (${named}); 3.10 or newer is needed.`,
      );
    }
    if (found.missing.length) throw new Refusal(withoutVenv(found));
    return found;
  }
  const minors = ["3.13", "3.12", "3.11", "3.10", "3.14"];
  const commands = WINDOWS
    ? [["python"], ...minors.map((minor) => ["py", `-${minor}`])]
    : [["python3"], ...minors.map((minor) => [`python${minor}`]), ["python"]];
  const seen = [];
  for (const command of commands) {
    const found = await probe(command);
    if (found && !tooOld(found) && !found.missing.length) return found;
    if (found) seen.push(found);
  }
  const usable = seen.find((found) => !tooOld(found));
  if (usable) throw new Refusal(withoutVenv(usable));
  const others = seen.map((found) => `${found.command.join(" ")} is ${found.version.join(".")}`);
  throw new Refusal(
    `Callscope needs Python 3.10 or newer, and found ${others.length ? `only older ones (${others.join(", ")})` : "none"}.\n` +
      "Install one (python.org, your system's packages, or pyenv), or name it: CALLSCOPE_PYTHON=/path/to/python",
  );
}

function withoutVenv({ path: where, version, missing }) {
  const minor = version.slice(0, 2).join(".");
  return (
    `Python ${version.join(".")} (${where}) lacks ${missing.join(" and ")}, so it cannot make a virtual environment.\n` +
    `On Debian and Ubuntu: apt-get install python${minor}-venv. Or name another: CALLSCOPE_PYTHON=/path/to/python`
  );
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(PYTHON_STAMP, "utf8"));
  } catch {
    return {};
  }
}

/** Writes in one move, so that an interrupted run never leaves a stamp that lies. */
function writeStamp(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}

/**
 * Brings `.venv` up to date.
 * @param {{dev: boolean}} options `dev`: also what the tests and checks need
 * @returns {Promise<boolean>} whether there was anything to do
 */
export async function setupPython({ dev }) {
  const lock = dev ? "server/requirements-dev.txt" : "server/requirements.txt";
  const stamps = {
    runtime: stampOf(["server/requirements.txt", "server/pyproject.toml"]),
    dev: stampOf(["server/requirements.txt", "server/requirements-dev.txt", "server/pyproject.toml"]),
    // An environment does not survive being moved with its folder.
    root: ROOT,
  };
  const python = venvProgram("python");
  const stamp = readStamp();
  const intact = existsSync(python) && stamp.root === ROOT;
  if (intact && stamp.runtime === stamps.runtime && (!dev || stamp.dev === stamps.dev)) return false;

  if (!intact || !(await probe([python]))) {
    const base = await findPython();
    await step(`Python ${base.version.join(".")} → .venv`, async () => {
      rmSync(VENV, { recursive: true, force: true });
      await must([...base.command, "-m", "venv", VENV]);
    });
  }
  const pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"];
  await step(`Packages of ${lock}`, () => must([...pip, "--no-deps", "-r", lock]));
  await step("callscope itself, from server/", () => must([...pip, "--no-deps", "-e", "server"]));
  const kept = stamp.runtime === stamps.runtime ? stamp.dev : undefined;
  writeStamp(PYTHON_STAMP, JSON.stringify({ ...stamps, dev: dev ? stamps.dev : kept }));
  return true;
}

/**
 * Brings `node_modules` up to date with package-lock.json.
 * @returns {Promise<boolean>} whether there was anything to do
 * @throws Refusal if this Node.js is too old
 */
export async function setupNode() {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20) throw new Refusal(`Node.js 20 or newer is needed; this is ${process.versions.node}.`);
  if (!existsSync(path.join(ROOT, "package-lock.json"))) {
    throw new Refusal("package-lock.json is missing, so what to install is not known.");
  }
  const stamp = stampOf(["package-lock.json"], [process.platform, process.arch, String(major)]);
  const current = existsSync(NODE_STAMP) && readFileSync(NODE_STAMP, "utf8") === stamp;
  if (current) return false;
  await step("Packages of package-lock.json", () => must(npm("ci", "--no-audit", "--no-fund")));
  writeStamp(NODE_STAMP, stamp);
  return true;
}

/** Compiles the server where Python may not do that by itself, which is half of what a start takes. */
async function compile() {
  if (!process.env.PYTHONDONTWRITEBYTECODE) return;
  const server = path.join(ROOT, "server", "callscope");
  await must([venvProgram("python"), "-m", "compileall", "-q", server]);
}

/**
 * Everything a task needs.
 * @param {{dev?: boolean, node?: boolean}} options
 */
export async function setup({ dev = true, node = true } = {}) {
  const did = [await setupPython({ dev })];
  if (node) did.push(await setupNode());
  await compile();
  return did.some(Boolean);
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const did = await setup();
    console.log(did ? "Ready." : "Ready; nothing to do.");
  });
}
