// A server that ends, for whatever reason, comes back.
import { execFileSync } from "node:child_process";
import { expectSoon } from "../poll.mjs";

/** The process ids of the language servers that this session's editor has started. */
function servers(session) {
  const table = execFileSync("ps", ["-eo", "pid=,pgid=,args="], { encoding: "utf8" });
  return table
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter(
      (match) => match && Number(match[2]) === session.host.pid && match[3].includes("-m callscope server"),
    )
    .map((match) => Number(match[1]));
}

function otherServer(session, before) {
  return expectSoon("another server process", () => {
    const now = servers(session);
    if (now.length !== 1 || now[0] === before) throw new Error(`processes: ${now}, before: ${before}`);
    return now[0];
  });
}

/** A mistake is found: the server does its work. */
async function expectWorking(bench) {
  await bench.waitForStatus(/Callscope \d/);
  await bench.squiggles.first().waitFor();
}

export const tests = [
  {
    name: "the restart command starts a new server, which reports again",
    async run(session) {
      const bench = await session.open("broken.py");
      await expectWorking(bench);
      const first = await otherServer(session, 0);
      await bench.command("Callscope: Restart Server");
      await otherServer(session, first);
      await expectWorking(bench);
    },
  },
  {
    name: "a killed server is replaced; one that keeps dying is reported and can be restarted",
    async run(session) {
      const bench = await session.open("broken.py");
      await expectWorking(bench);
      let pid = await otherServer(session, 0);
      for (let kill = 1; kill <= 3; kill++) {
        process.kill(pid, "SIGKILL");
        pid = await otherServer(session, pid);
        await expectWorking(bench);
      }
      process.kill(pid, "SIGKILL");
      const message = bench.notifications.filter({ hasText: "stopped several times" });
      await message.waitFor();
      await bench.waitForStatus(/stopped/);
      await session.shot("crashed");
      await message.getByRole("button", { name: "Restart Server" }).click();
      await otherServer(session, pid);
      await expectWorking(bench);
    },
  },
];
