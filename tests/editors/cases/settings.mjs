// Settings take effect at once; mistakes in the configuration file are shown there.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expectSoon } from "../poll.mjs";
import { completion } from "./lens.mjs";

export const tests = [
  {
    name: "a rule that is ignored in the settings falls silent, and speaks again afterwards",
    async run(session) {
      const bench = await session.open("broken.py");
      await bench.squiggles.first().waitFor();
      session.writeWorkspaceSettings({ "callscope.ignore": ["CB2"] });
      await bench.squiggles.first().waitFor({ state: "detached" });
      session.writeWorkspaceSettings({ "callscope.severity": { "reply-signature": "information" } });
      await bench.editor.locator(".squiggly-info").first().waitFor();
    },
  },
  {
    name: "switched off, nothing runs and nothing is reported",
    async run(session) {
      session.writeWorkspaceSettings({ "callscope.enable": false });
      const bench = await session.open("broken.py");
      await bench.waitForStatus(/Callscope: off/);
      session.writeWorkspaceSettings({});
      await bench.squiggles.first().waitFor();
      session.writeWorkspaceSettings({ "callscope.enable": false });
      await bench.squiggles.first().waitFor({ state: "detached" });
      await bench.waitForStatus(/Callscope: off/);
    },
  },
  {
    name: "a mistake in callscope.toml is underlined as it is typed, and gone when it is mended; what it may hold is completed",
    async run(session) {
      const file = path.join(session.workspace, "callscope.toml");
      writeFileSync(file, "");
      const bench = await session.open("callscope.toml");
      await bench.goTo(1);
      await bench.type("selekt = 1");
      await bench.squiggles.first().waitFor();
      await bench.hover(/Unknown key 'selekt'; did you mean select/);
      await bench.leave();
      await bench.goTo(1, 5);
      await bench.press("Delete");
      await bench.type("c");
      await bench.hover(/Select must be a list of strings/);
      await bench.leave();
      await bench.goTo(1, 11);
      await bench.type("[]");
      await bench.goTo(1, 10);
      await bench.press("Delete");
      await bench.squiggles.first().waitFor({ state: "detached" });

      // Keys and values are completed.
      await bench.press("End", "Enter");
      await bench.type("ign");
      await completion(bench, "ignore");
      await bench.press("Enter");
      await bench.type('["no-op-r');
      await completion(bench, "no-op-replacement");
      await session.shot("settings-file-completion");
      await bench.press("Enter");
      await bench.press("Control+s");
      await expectSoon("the saved file", () =>
        assert.equal(readFileSync(file, "utf8"), 'select = []\nignore = ["no-op-replacement"]'),
      );
    },
  },
];
