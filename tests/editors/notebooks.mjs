// Notebooks for the tests, and the parts of a notebook editor.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { expectSoon } from "./poll.mjs";

export const CELLS = [
  { kind: "markdown", text: "## A reply of our own\nIt logs what the assistant is about to answer." },
  {
    kind: "code",
    text: `from autogen import Agent, AssistantAgent, UserProxyAgent

assistant = AssistantAgent("assistant", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)`,
  },
  {
    kind: "code",
    text: `def on_reply(recipient, messages):
    print("about to answer:", messages[-1]["content"])
    return False, None`,
  },
  { kind: "code", text: "assistant.register_reply([Agent, None], on_reply)" },
  {
    kind: "code",
    text: `%%time
talk = user.a_initiate_chat(assistant, message="Hello", max_turns=1)`,
  },
];

/** Writes a notebook into a folder; what its first code cell printed last time is in it. */
export function writeNotebook(folder, name, cells = CELLS) {
  const printed = cells.findIndex(({ kind }) => kind === "code");
  const made = cells.map(({ kind, text }, index) => ({
    cell_type: kind,
    metadata: {},
    source: text.split(/(?<=\n)/),
    ...(kind === "code" && {
      execution_count: null,
      outputs: index === printed ? [{ name: "stdout", output_type: "stream", text: ["caf\u00e9\n"] }] : [],
    }),
  }));
  const metadata = { language_info: { name: "python" } };
  const notebook = { cells: made, metadata, nbformat: 4, nbformat_minor: 5 };
  const file = path.join(folder, name);
  writeFileSync(file, `${JSON.stringify(notebook, null, 1)}\n`);
  return file;
}

/** Opens a notebook of the workspace; a file named in the window's address would open as text. */
export async function openNotebook(session, name, options = {}) {
  const bench = await session.open("support.py", options);
  await bench.openFile(name);
  await bench.page.locator(".notebookOverlay .monaco-list-row .view-lines").first().waitFor();
  return bench;
}

/** The cell of an open notebook that has this text. */
export function cell(bench, text) {
  return bench.page.locator(".notebookOverlay .monaco-list-row .cell-editor-container .monaco-editor", {
    has: bench.page.locator(".view-lines", { hasText: text }),
  });
}

/** What is underlined in a cell. */
export function squiggles(bench, text) {
  return cell(bench, text).locator(".squiggly-error, .squiggly-warning");
}

/** Opens the quick fixes at a word of a cell and returns the one that is meant. Escape would leave the cell. */
export async function quickFix(bench, text, word, pattern) {
  return expectSoon(`a quick fix ${pattern}`, async () => {
    if (await bench.menu.count()) await bench.press("Escape");
    await cell(bench, text).getByText(word).last().click({ timeout: 3000 });
    await bench.press("Control+.");
    const fix = bench.menu.filter({ hasText: pattern }).first();
    await fix.waitFor({ timeout: 4000 });
    return fix;
  });
}

/** Takes that quick fix; where the menu has closed by itself meanwhile, it is opened again. */
export async function takeQuickFix(bench, text, word, pattern) {
  await expectSoon(`the quick fix ${pattern} taken`, async () => {
    const fix = await quickFix(bench, text, word, pattern);
    await fix.click({ timeout: 2000 });
  });
}
