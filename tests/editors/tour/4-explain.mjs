// What a finding means and what a contract promises, read beside the code; mistakes in the configuration.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { preview } from "../cases/explain.mjs";

const FILE = "broken.py";

const CONTRACT = `"""A help desk that writes down what it answers."""

from autogen import Agent, AssistantAgent, UserProxyAgent

assistant = AssistantAgent("assistant", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


def redact(content):
    return content.replace("4111 1111", "****")


assistant.register_hook("process_last_received_message", redact)
user.initiate_chat(assistant, message="Hello", max_turns=1)
`;

const CONFIGURATION = `# How Callscope checks this project
target = "ag2==0.9.10"
selekt = ["CB1", "CB2"]
ignore = ["reply-signatur"]

[severity]
CB3 = "eror"
`;

export const tests = [
  {
    name: "pages: a finding explained",
    async run(session) {
      const bench = await session.open(FILE);
      await bench.squiggles.first().waitFor();
      await bench.goTo(13, 45);
      await bench.command("Callscope: Explain This Finding");
      await preview(bench, /line 13/);
      await session.shot("explain");
    },
  },
  {
    name: "pages: a contract",
    async run(session) {
      writeFileSync(path.join(session.workspace, FILE), CONTRACT);
      const bench = await session.open(FILE);
      await bench.waitForStatus(/AG2/);
      await bench.goTo(9, 6);
      await bench.command("Callscope: Show Contract");
      await preview(bench, /Contract of redact/);
      await session.shot("contract");
    },
  },
  {
    name: "pages: mistakes in the configuration",
    async run(session) {
      writeFileSync(path.join(session.workspace, "callscope.toml"), CONFIGURATION);
      const bench = await session.open("callscope.toml");
      await bench.squiggles.nth(2).waitFor();
      await bench.showProblems();
      await session.shot("settings-file");
    },
  },
];
