// npm run bench: Callscope beside other language servers and checkers, all in one run.
//
//   npm run bench                                   everything; about an hour on a quiet machine
//   npm run bench -- --only latency --sizes 100,2000 --servers callscope,ruff
//   npm run bench -- --only trees --tree FOLDER     whole-tree checks of a folder of your own
//   npm run bench -- --only instructions            the hot path, for CI: less than a minute
//   npm run bench -- --docs                         writes docs/benchmarks.md and its chart as well
//   npm run bench -- --help
//
// The others are installed from tests/bench/requirements.txt into .cache/bench.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { main, must, ROOT, run, stampOf, step, venvProgram, WINDOWS } from "./lib.mjs";
import { setup } from "./setup.mjs";

const HOME = path.join(ROOT, ".cache", "bench");
const PYTHON = path.join(HOME, WINDOWS ? "Scripts/python.exe" : "bin/python");
const STAMP = path.join(HOME, "callscope-stamp");
const LOCK = "tests/bench/requirements.txt";

/** Brings the environment of the others up to date. */
async function setupOthers() {
  const stamp = stampOf([LOCK], [ROOT]);
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === stamp) return;
  rmSync(HOME, { recursive: true, force: true });
  await step("An environment for the others → .cache/bench", () =>
    must([venvProgram("python"), "-m", "venv", HOME]),
  );
  const pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"];
  await step(`Packages of ${LOCK}`, () => must([...pip, "--no-deps", "-r", LOCK]));
  writeFileSync(STAMP, stamp);
}

/** Is nothing to be measured that needs the others? */
function countsOnly(args) {
  const only = args[args.indexOf("--only") + 1];
  return (args.includes("--only") && only === "instructions") || args.includes("--only=instructions");
}

await main(async () => {
  const args = process.argv.slice(2);
  await setup({ node: false });
  const env = { PYTHONHASHSEED: "0" };
  if (countsOnly(args)) {
    return (await run([venvProgram("python"), "-m", "tests.bench.instructions"], { env })).code;
  }
  await setupOthers();
  return (await run([venvProgram("python"), "-m", "tests.bench", ...args], { env })).code;
});
