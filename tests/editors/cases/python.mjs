// Finding a Python, and saying so when there is none.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { writeSettings } from "../host.mjs";

export const tests = [
  {
    name: "without any Python a message says what to do, and a setting mends it",
    async run(session) {
      const empty = path.join(session.folder, "empty");
      mkdirSync(empty);
      const nowhere = path.join(empty, "python");
      const bench = await session.open("support.py", {
        settings: { "callscope.interpreter": nowhere },
        environment: { PATH: empty, SHELL: "/bin/false" },
      });
      const message = bench.notifications.filter({ hasText: "Callscope needs Python 3.10" });
      await message.waitFor();
      for (const button of ["Select Interpreter", "Show Log"]) await message.getByRole("button", { name: button }).waitFor();
      await session.shot("no-python");
      await bench.waitForStatus(/no Python/);

      writeSettings(session.profile, { "callscope.interpreter": process.env.CALLSCOPE_TEST_PYTHON ?? session.python });
      await bench.waitForStatus(/Callscope \d/);
    },
  },
];
