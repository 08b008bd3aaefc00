// npm run fuzz: looks for crashes and hangs, for some minutes or as long as you like.
//
//   npm run fuzz                                     both of the below
//   npm run fuzz -- files [FOLDER ...] [--most N]    every file of the installed libraries
//   npm run fuzz -- mutations [FOLDER ...] [--count N] [--seed N]
//   npm run fuzz -- editing [FOLDER ...] [--minutes N] [--seed N]   edits, step by step
//   npm run fuzz -- offices [FOLDER ...] [--minutes N] [--seed N]   the same in programs of several files
import { main, run, venvProgram } from "./lib.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  await setup();
  const { code } = await run([venvProgram("python"), "-m", "tests.fuzz", ...process.argv.slice(2)]);
  return code;
});
