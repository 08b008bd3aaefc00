// Finding a Python, and saying so when there is none.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { venvProgram } from "../../../scripts/lib.mjs";

export const tests = [
  {
    name: "without any Python a message says what to do, and a setting mends it",
    async run(session) {
      const empty = path.join(session.folder, "empty");
      mkdirSync(empty);
      const nowhere = path.join(empty, "python");
      const bench = await session.open("support.py", {
        settings: { "callscope.interpreter": nowhere },
        environment: { PATH: empty },
      });
      const message = bench.notifications.filter({ hasText: "Callscope needs Python 3.10" });
      await message.waitFor();
      await message.getByRole("button", { name: "Show Log" }).waitFor();
      await session.shot("no-python");
      await bench.waitForStatus(/no Python/);

      await message.getByRole("button", { name: "Select Interpreter" }).click();
      await bench.changeShownSetting("Callscope: Interpreter", venvProgram("python"));
      await session.shot("no-python-setting");
      await bench.press("Escape");
      await bench.waitForStatus(/Callscope \d/);
      await message.waitFor({ state: "detached" });
    },
  },
];
