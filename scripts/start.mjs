// npm start: sets up what is missing, then checks the examples, or whatever is named.
//
//   npm start                        the findings in examples/, with their fixes
//   npm start -- PATH...             the same for your own files
//   npm start -- --fix PATH...       any option of `callscope check`
//   npm start -- --fix               the examples, mended by every fix there is, unsafe ones too
//   npm start -- rule CB201          any other command of callscope
import path from "node:path";
import { bold, dim, main, ROOT, run, seconds, venvProgram } from "./lib.mjs";
import { setup } from "./setup.mjs";

const COMMANDS = new Set(["check", "rule", "server"]);
const VALUED = new Set([
  "--select", "--ignore", "--target", "--python", "--output-format", "--stdin-filename", "--config",
]);

/** Do the arguments name something to check, or are they all options and their values? */
function namesPath(args) {
  return args.some((arg, index) => !arg.startsWith("-") && !VALUED.has(args[index - 1]));
}

await main(async () => {
  const args = process.argv.slice(2);
  const started = performance.now();
  // The checker needs Python alone.
  await setup({ dev: false, node: false });
  const callscope = venvProgram("callscope");
  // npm runs scripts in the repository's folder; paths are meant from where the user stands.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const options = { cwd, stdin: "inherit" };

  if (COMMANDS.has(args[0])) return (await run([callscope, ...args], options)).code;
  const standsIn = args.includes("--stdin-filename") || args.some((arg) => arg.startsWith("--stdin-filename="));
  if (args.length && (namesPath(args) || standsIn)) {
    return (await run([callscope, "check", ...args], options)).code;
  }

  const examples = path.relative(cwd, path.join(ROOT, "examples")) || ".";
  if (args.length) {
    // What an unsafe fix may change besides is known of the examples: nothing that matters.
    const all = args.includes("--fix") && !args.includes("--unsafe-fixes") ? ["--unsafe-fixes"] : [];
    return (await run([callscope, "check", ...args, ...all, examples], options)).code;
  }

  console.log(`${bold("callscope check")} ${examples}\n`);
  // The examples are broken on purpose: that they are found is the good outcome.
  const { code } = await run([callscope, "check", "--exit-zero", examples], options);
  if (code === 0) {
    console.log(
      dim(
        `\nThat took ${seconds(started)}, setting up included. ` +
          "Your own files: npm start -- PATH. Mend a copy: npm start -- --fix PATH.",
      ),
    );
  }
  return code;
});
