// The client's strings: what a translator gets, and whether anything was left out.
//
//   node scripts/l10n.mjs           writes l10n/bundle.l10n.json from the calls of `l10n.t`
//   node scripts/l10n.mjs --check   fails where the bundle is not current, where a string that
//                                   users see does not go through `l10n.t`, or a translation is of
//                                   something else; what one lacks is shown in English
//   node scripts/l10n.mjs --list    the strings that do not, of client/src or another folder
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { main, Refusal, ROOT } from "./lib.mjs";

const SOURCES = path.join(ROOT, "client", "src");
const BUNDLE = path.join(ROOT, "l10n", "bundle.l10n.json");

// Where users look: properties of what VS Code shows, and functions that show their arguments.
const SHOWN = new Set(["text", "detail", "title", "label", "name", "placeHolder", "tooltip", "problem"]);
const SHOWING = /^(show\w+Message|showProblem|setStatusBarMessage)$/;
// What only maintainers read: logs, errors that end up there, the debug information, and code.
const UNSEEN = /^(info|warn|error|debug|trace|Error|restart|ask)$/;
const UNSEEN_FILES = new Set(["debugText.ts", "debugInformation.ts", "launch.ts", "python.ts"]);
// A name, and letters that are none.
const PLAIN = /^(\$\([\w-]+\)|\W|\d|Callscope)*$/;

const parse = (file) =>
  ts.createSourceFile(path.basename(file), readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);

const isText = (node) =>
  ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node);

/** The fixed parts of a text. */
function wordsOf(node) {
  if (!ts.isTemplateExpression(node)) return node.text;
  return [node.head, ...node.templateSpans.map((span) => span.literal)].map(({ text }) => text).join(" ");
}

const calleeOf = (node) => {
  const { expression } = node;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
};

const isTranslated = (node) =>
  ts.isCallExpression(node) && node.expression.getText().replace("vscode.", "") === "l10n.t";

/** Calls `visit` for each text in a file, with what it stands in, the innermost first. */
function eachText(file, visit) {
  const walk = (node, around) => {
    if (isText(node)) visit(node, around);
    ts.forEachChild(node, (child) => walk(child, [node, ...around]));
  };
  walk(parse(file), []);
}

/** Whether users see a text: by where it stands, or because it is a sentence and no one hides it. */
function isSeen(node, around) {
  const parent = around[0];
  if (around.some((outer) => ts.isImportDeclaration(outer) || ts.isTypeNode(outer))) return false;
  const calls = around.filter((outer) => ts.isCallExpression(outer) || ts.isNewExpression(outer));
  if (calls.some((call) => UNSEEN.test(calleeOf(call)))) return false;
  const target = ts.isPropertyAssignment(parent)
    ? parent.name.getText()
    : ts.isBinaryExpression(parent) && ts.isPropertyAccessExpression(parent.left)
      ? parent.left.name.text
      : "";
  const isArgument = calls[0]?.arguments?.[0] === node && SHOWING.test(calleeOf(calls[0]));
  return SHOWN.has(target) || isArgument || /[a-z,;:] [a-z]/i.test(wordsOf(node));
}

/** The texts that a folder of sources wants to have translated, and the places of those it forgot. */
function examine(folder) {
  const texts = new Set();
  const forgotten = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    eachText(path.join(folder, file), (node, around) => {
      const call = around.find(isTranslated);
      if (call) {
        if (call.arguments[0] === node) texts.add(node.text);
      } else if (!UNSEEN_FILES.has(file) && isSeen(node, around) && !PLAIN.test(wordsOf(node))) {
        const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
        forgotten.push(`${file}:${line + 1}: ${node.getText()}`);
      }
    });
  }
  return { texts: [...texts].sort(), forgotten };
}

const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));
const placeholders = (text) => [...new Set(text.match(/\{\d+\}|command:[\w.]+|`[^`]+`|\*\*\w+\*\*/g))].sort();

/** Where a translation is of something that is not there, or has other values and commands in it. */
function strange(file, original) {
  const problems = [];
  for (const [key, to] of Object.entries(readJson(file))) {
    const from = original[key];
    const place = `${path.relative(ROOT, file)}: ${JSON.stringify(key)}`;
    if (from === undefined) problems.push(`${place} is not used`);
    else if (String(placeholders(from)) !== String(placeholders(to)))
      problems.push(`${place} holds ${placeholders(to)}, not ${placeholders(from)}`);
  }
  return problems;
}

/** Files of a folder, other than the original, whose names match. */
const translations = (folder, pattern) =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .map((name) => path.join(folder, name));

function check(texts, forgotten) {
  const problems = forgotten.map((place) => `client/src/${place} does not go through l10n.t`);
  const bundle = readJson(BUNDLE);
  if (String(Object.keys(bundle)) !== String(texts))
    problems.push("l10n/bundle.l10n.json is not current: node scripts/l10n.mjs");
  for (const file of translations(path.dirname(BUNDLE), /^bundle\.l10n\.[\w-]+\.json$/))
    problems.push(...strange(file, bundle));
  const own = readJson(path.join(ROOT, "package.nls.json"));
  const manifest = readFileSync(path.join(ROOT, "package.json"), "utf8");
  const asked = new Set([...manifest.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key));
  for (const key of asked) if (!(key in own)) problems.push(`package.nls.json: ${key} is missing`);
  for (const key of Object.keys(own))
    if (!asked.has(key)) problems.push(`package.nls.json: ${key} is not used`);
  for (const file of translations(ROOT, /^package\.nls\.[\w-]+\.json$/)) problems.push(...strange(file, own));
  return problems;
}

await main(() => {
  const [option, folder] = process.argv.slice(2);
  const { texts, forgotten } = examine(folder ?? SOURCES);
  if (option === "--list") {
    console.log(forgotten.join("\n"));
    return;
  }
  if (option !== "--check") {
    writeFileSync(BUNDLE, `${JSON.stringify(Object.fromEntries(texts.map((text) => [text, text])), null, 2)}\n`);
    return;
  }
  const problems = check(texts, forgotten);
  if (problems.length) throw new Refusal(`Strings:\n${problems.join("\n")}`);
});
