// npm test: sets up, then runs every check and every test there is.
//
//   npm test                              all of it
//   npm test -- --list                    the stages
//   npm test -- --only pytest,editor      some of them
//   npm test -- --only pytest -k scope    what is left over goes to pytest
//   npm run test:versions                 what depends on AutoGen's release, on every release
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { bold, dim, green, main, npm, red, Refusal, ROOT, run, seconds, venvProgram, yellow } from "./lib.mjs";
import { thisPlatform, vsixOf } from "./package.mjs";
import { setup } from "./setup.mjs";

const SHARED = path.resolve(ROOT, "..", "shared");

/** A stage that scores the command line on programs with observed outcomes, one of ../shared. */
function measured(name, script, folder, ...rest) {
  const measure = path.join(SHARED, "measure", script);
  const cases = path.join(SHARED, "cases", folder);
  return {
    name,
    argv: () => [venvProgram("python"), measure, venvProgram("callscope"), cases, ...rest, "--list"],
    show: true,
    absent: () =>
      existsSync(measure) ? "" : "the observed cases (../shared) do not lie beside this clone",
  };
}

// The extension, once it has been packed in this run.
let packed;

// `argv`: what to run; it is one check, passed or failed by its exit code, unless `counts` reads
// more from its output. `show`: show the output as it comes, not only after a failure.
// `absent`: why there is nothing to run, if so. `beside`: the earlier stage together with which it
// begins, for what mostly waits for the network and the disk; its output is shown in its turn.
const STAGES = [
  { name: "ruff", argv: () => [venvProgram("ruff"), "check"] },
  { name: "format", argv: () => [venvProgram("ruff"), "format", "--check"] },
  { name: "mypy", argv: () => [venvProgram("mypy")] },
  { name: "imports", argv: () => [venvProgram("lint-imports")] },
  { name: "typecheck", argv: () => npm("run", "--silent", "typecheck") },
  { name: "eslint", argv: () => npm("run", "--silent", "lint") },
  {
    name: "client",
    argv: () => npm("run", "--silent", "test:client"),
    counts: countsOfNode,
    show: true,
  },
  {
    name: "autogen",
    argv: () => [venvProgram("python"), "-m", "tests.runtime.install"],
    show: true,
    beside: "ruff",
  },
  {
    name: "pytest",
    argv: (rest) => [
      venvProgram("pytest"),
      // One more than there are processors: much of it waits for other programs.
      ...["-n", String(os.availableParallelism() + 1), "--dist", "worksteal"],
      ...["--ignore", path.join("tests", "packages"), ...rest],
    ],
    counts: countsOfPytest,
    show: true,
  },
  ...["classic", "realistic"].flatMap((folder) =>
    ["autogen==0.14.1", "autogen-agentchat==0.2.40"].map((target) =>
      measured(`${folder}-${target.split("==")[1]}`, "cases.py", folder, target, "--need=0.9"),
    ),
  ),
  measured("projects", "scale.py", "projects"),
  {
    name: "instructions",
    argv: () => [venvProgram("python"), "-m", "tests.bench.instructions"],
    show: true,
  },
  {
    name: "vscode",
    argv: () => [process.execPath, path.join("tests", "editors", "install.mjs")],
    show: true,
    beside: "ruff",
  },
  {
    // All platforms are packed and looked at by: npm run package -- --all --python --test
    name: "packages",
    argv: () => [
      ...[process.execPath, path.join("scripts", "package.mjs")],
      ...["--target", `${thisPlatform()},universal`, "--python", "--test"],
    ],
    counts: countsOfPytest,
    show: true,
    beside: "classic-0.14.1",
  },
  {
    name: "editor",
    argv: () => npm("run", "--silent", "test:editor", "--", ...(packed ? ["--vsix", packed] : [])),
    counts: countsOfLine,
    show: true,
  },
];

// What is run on every release, with more made-up programs than on the newest.
const VERSIONS = {
  stages: ["autogen", "pytest"],
  tests: [
    "contracts",
    "runtime/test_rule_examples.py",
    "runtime/test_order.py",
    "runtime/test_swarm.py",
    "metamorphic/test_same_meaning.py",
  ],
  env: { CALLSCOPE_TARGETS: "all", CALLSCOPE_EXAMPLES: "500" },
};

const plain = (text) => text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");

const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? 0);

/** The counts in pytest's closing line: "12 failed, 3 passed, 1 skipped in 4.2s". */
function countsOfPytest(output) {
  const line = plain(output).trimEnd().split("\n").findLast((l) => / in \d+(\.\d+)?s\b/.test(l)) ?? "";
  return {
    passed: number(line, /(\d+) (?:passed|xfailed)/),
    failed: number(line, /(\d+) failed/) + number(line, /(\d+) errors?/),
    skipped: number(line, /(\d+) skipped/),
  };
}

/** The counts at the end of a run of Node's own test runner. */
function countsOfNode(output) {
  const text = plain(output);
  return {
    passed: number(text, /^\S+ pass (\d+)$/m),
    failed: number(text, /^\S+ fail (\d+)$/m),
    skipped: number(text, /^\S+ skipped (\d+)$/m),
  };
}

/** The counts in a line such as "7 passed, 0 failed, 1 skipped". */
function countsOfLine(output) {
  const line = plain(output).split("\n").findLast((l) => /^\d+ passed, \d+ failed/.test(l)) ?? "";
  return {
    passed: number(line, /(\d+) passed/),
    failed: number(line, /(\d+) failed/),
    skipped: number(line, /(\d+) skipped/),
  };
}

/** Takes `--only`, `--versions` and `--list` from the arguments; the rest is pytest's. */
function parse(args) {
  const rest = [];
  let env = {};
  let only = null;
  let list = false;
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--list") list = true;
    else if (args[i] === "--only") only = (args[++i] ?? "").split(",");
    else if (args[i].startsWith("--only=")) only = args[i].slice("--only=".length).split(",");
    else if (args[i] === "--versions") {
      only = VERSIONS.stages;
      env = { ...VERSIONS.env, ...process.env };
      rest.push(...VERSIONS.tests.map((test) => path.join("tests", test)));
    } else rest.push(args[i]);
  }
  const names = STAGES.map((stage) => stage.name);
  const unknown = only?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length) {
    throw new Refusal(`No such stage: ${unknown.join(", ")}. There are: ${names.join(", ")}.`);
  }
  return { list, rest, env, stages: STAGES.filter((stage) => !only || only.includes(stage.name)) };
}

/** Starts what a stage runs. @returns a promise of its exit code, its output and its seconds */
async function begin(stage, rest, env, echo) {
  const started = performance.now();
  const { code, output } = await run(stage.argv(rest), {
    quiet: !echo,
    echo,
    env: { ...env, ...(process.stdout.isTTY && { FORCE_COLOR: "1", PY_COLORS: "1" }) },
  });
  return { code, output, took: seconds(started) };
}

/**
 * Runs one stage, or waits for it if it has begun.
 * @returns its counts, its seconds, and for a skip the reason
 */
async function runStage(stage, rest, env, begun) {
  const reason = stage.absent?.();
  if (reason) return { passed: 0, failed: 0, skipped: 1, reason, took: "0.0 s" };
  console.log(`\n${bold(`── ${stage.name} `.padEnd(80, "─"))}`);
  const live = !begun && Boolean(stage.show);
  const { code, output, took } = await (begun ?? begin(stage, rest, env, live));
  if (!live && (stage.show || code !== 0)) process.stdout.write(output);
  const counts = stage.counts?.(output) ?? { passed: 0, failed: 0, skipped: 0 };
  // A stage that counts nothing is one check; one that ends badly has failed, whatever it counted.
  if (code === 0 && counts.passed + counts.failed === 0) counts.passed = 1;
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (stage.name === "packages" && code === 0) packed = vsixOf(thisPlatform());
  console.log(`${code === 0 ? green("ok") : red(`failed with exit code ${code}`)} ${dim(took)}`);
  return { ...counts, took };
}

await main(async () => {
  const { list, rest, env, stages } = parse(process.argv.slice(2));
  if (list) {
    console.log(STAGES.map((stage) => stage.name).join("\n"));
    return 0;
  }
  const started = performance.now();
  await setup();

  const results = [];
  const begun = new Map();
  for (const stage of stages) {
    for (const other of stages.filter(({ beside }) => beside === stage.name)) {
      begun.set(other, begin(other, rest, env, false));
      // One that cannot be started is told of in its turn.
      begun.get(other).catch(() => {});
    }
    results.push({ name: stage.name, ...(await runStage(stage, rest, env, begun.get(stage))) });
  }

  console.log(`\n${bold("── summary ".padEnd(80, "─"))}`);
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const result of results) {
    for (const key of Object.keys(total)) total[key] += result[key];
    const state = result.failed ? red("failed ") : result.reason ? yellow("skipped") : green("passed ");
    const skips = result.skipped && !result.reason ? `${result.skipped} skipped` : "";
    const note = result.reason ?? [`${result.passed} passed`, result.failed && `${result.failed} failed`, skips]
      .filter(Boolean).join(", ");
    console.log(`${state} ${result.name.padEnd(16)} ${result.took.padStart(8)}  ${note}`);
  }
  console.log(dim(`in ${seconds(started)}`));
  const skipped = total.skipped ? `, ${total.skipped} skipped` : "";
  console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed ? 1 : 0;
});
