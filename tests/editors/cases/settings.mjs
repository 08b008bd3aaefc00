// Settings take effect at once.
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
];
