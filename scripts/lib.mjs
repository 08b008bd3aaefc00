// What the scripts share: where things are, how a command is run, how a step is shown.
// Node built-ins only, since these run before anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const WINDOWS = process.platform === "win32";
export const VENV = path.join(ROOT, ".venv");

const BIN = path.join(VENV, WINDOWS ? "Scripts" : "bin");
const EXE = WINDOWS ? ".exe" : "";

/** Path of a program inside the repository's virtual environment. */
export function venvProgram(name) {
  return path.join(BIN, name + EXE);
}

/** Something the user can put right: shown as a message, without a stack. */
export class Refusal extends Error {}

/** A command that ended with a non-zero exit code; `output` is all it printed. */
export class Failed extends Refusal {
  constructor(command, code, output) {
    super(`${command} ended with exit code ${code}`);
    this.code = code;
    this.output = output;
  }
}

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
export const bold = paint(1);
export const dim = paint(2);
export const red = paint(31);
export const green = paint(32);
export const yellow = paint(33);

export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Runs a command.
 * @param {string[]} argv program and arguments
 * @param {{quiet?: boolean, echo?: boolean, cwd?: string, env?: object, stdin?: string}} options
 *   `quiet`: keep the output instead of showing it; `echo`: keep it and show it.
 * @returns {Promise<{code: number, output: string}>} never rejects on a non-zero exit code
 * @throws Refusal if the program cannot be started
 */
export function run(argv, { quiet = false, echo = false, cwd = ROOT, env, stdin = "ignore" } = {}) {
  return new Promise((resolve, reject) => {
    const [program, ...args] = argv;
    const captured = quiet || echo;
    // Windows starts .cmd files (npm, code) through a shell only.
    const shell = WINDOWS && /\.(cmd|bat)$/i.test(program);
    const child = spawn(shell ? `"${program}"` : program, shell ? args.map((a) => `"${a}"`) : args, {
      cwd,
      shell,
      env: { ...process.env, ...env },
      stdio: [stdin, captured ? "pipe" : "inherit", captured ? "pipe" : "inherit"],
    });
    const chunks = [];
    const take = (to) => (chunk) => {
      chunks.push(chunk);
      if (echo) to.write(chunk);
    };
    child.stdout?.on("data", take(process.stdout));
    child.stderr?.on("data", take(process.stderr));
    child.on("error", (error) => reject(new Refusal(`Cannot run ${program}: ${error.message}`)));
    child.on("close", (code, signal) => {
      const output = Buffer.concat(chunks).toString("utf8");
      resolve({ code: code ?? (signal ? 128 : 1), output });
    });
  });
}

/** Like `run`, quiet. @throws Failed on a non-zero exit code */
export async function must(argv, options = {}) {
  const { code, output } = await run(argv, { quiet: true, ...options });
  if (code !== 0) throw new Failed(argv.join(" "), code, output);
  return output;
}

/**
 * Shows one line for a piece of work on stderr: its title at once, its seconds when done.
 * @throws whatever the work throws, after showing the output of a failed command in full
 */
export async function step(title, work) {
  const to = process.stderr;
  const started = performance.now();
  const line = `  ${title} ${dim("…")}`;
  to.write(line);
  const ticker = to.isTTY && setInterval(() => to.write(`\r${line} ${dim(seconds(started))}`), 500);
  try {
    const result = await work();
    to.write(`${to.isTTY ? `\r\u001b[K  ${title}` : ""} ${dim(seconds(started))}\n`);
    return result;
  } catch (error) {
    to.write(` ${red("failed")} after ${seconds(started)}\n`);
    if (error instanceof Failed) to.write(`${error.output.trimEnd()}\n`);
    throw error;
  } finally {
    if (ticker) clearInterval(ticker);
  }
}

/** A hash of the contents of files (absent ones count as empty) and of plain words. */
export function stampOf(files, words = []) {
  const hash = createHash("sha256");
  for (const file of files) {
    const whole = path.join(ROOT, file);
    hash.update(`${file}\0`);
    hash.update(existsSync(whole) ? readFileSync(whole) : "");
    hash.update("\0");
  }
  for (const word of words) hash.update(`${word}\0`);
  return hash.digest("hex");
}

/** Is the script whose `import.meta.url` is given the one that was started? */
export function isMain(url) {
  return Boolean(process.argv[1]) && path.resolve(process.argv[1]) === fileURLToPath(url);
}

/** The npm that started us, else the one on PATH. */
export function npm(...args) {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.js$/.test(cli) && existsSync(cli)) return [process.execPath, cli, ...args];
  return [WINDOWS ? "npm.cmd" : "npm", ...args];
}

/** Runs a script's main function; shows a Refusal as a message and sets the exit code. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`\n${red("error")}: ${error.message}\n`);
    process.exitCode = 2;
  }
}
