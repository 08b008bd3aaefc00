// The language servers of a session, as the system sees them.
import { execFileSync } from "node:child_process";
import { expectSoon } from "./poll.mjs";

/** The process ids of the language servers that this session's editor has started. */
export function servers(session) {
  const table = execFileSync("ps", ["-eo", "pid=,pgid=,args="], { encoding: "utf8" });
  return table
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter(
      (match) => match && Number(match[2]) === session.host.pid && match[3].includes("-m callscope server"),
    )
    .map((match) => Number(match[1]));
}

export function otherServer(session, before) {
  return expectSoon("another server process", () => {
    const now = servers(session);
    if (now.length !== 1 || now[0] === before) throw new Error(`processes: ${now}, before: ${before}`);
    return now[0];
  });
}

/** A mistake is found: the server does its work. */
export async function expectWorking(bench) {
  await bench.waitForStatus(/Callscope \d/);
  await bench.squiggles.first().waitFor();
}

/** Kills the server, and each that takes its place, until none does; gives the last one's process id. */
export async function killForGood(session, bench) {
  await expectWorking(bench);
  let pid = await otherServer(session, 0);
  for (let kill = 1; kill <= 3; kill++) {
    process.kill(pid, "SIGKILL");
    pid = await otherServer(session, pid);
    await expectWorking(bench);
  }
  process.kill(pid, "SIGKILL");
  return pid;
}

/** The memory a process has in use, in MB. */
export function memory(pid) {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1000;
}
