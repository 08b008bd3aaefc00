import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";

const check = (...options: string[]) =>
  execFileSync(process.execPath, [path.join("scripts", "l10n.mjs"), ...options], { encoding: "utf8", stdio: "pipe" });

describe("the client's strings", () => {
  it("go through l10n.t, stand in the bundle, and are translated by what belongs to them", () => {
    assert.doesNotThrow(() => check("--check"));
  });

  it("are missed where they do not", () => {
    // A folder of its own: what is under `client/src` is looked through by other tests meanwhile.
    const folder = mkdtempSync(path.join("dist", "l10n-"));
    try {
      writeFileSync(
        path.join(folder, "a.ts"),
        'window.showErrorMessage("Gone");\nitem.text = `All ${what}`;\nlog.info("Gone fishing");\n' +
          'item.detail = l10n.t("known to {0}", "all of us");\nrun("a plain sentence");\nconst key = "some.key";\n',
      );
      const said = check("--list", folder);
      assert.deepEqual(said.trim().split("\n"), [
        'a.ts:1: "Gone"',
        "a.ts:2: `All ${what}`",
        'a.ts:5: "a plain sentence"',
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are all there in German", () => {
    const keys = (...file: string[]) =>
      Object.keys(JSON.parse(readFileSync(path.join(...file), "utf8")) as Record<string, string>).sort();
    assert.deepEqual(keys("l10n", "bundle.l10n.de.json"), keys("l10n", "bundle.l10n.json"));
    assert.deepEqual(keys("package.nls.de.json"), keys("package.nls.json"));
  });

  it("are the same texts in the bundle and in the code", () => {
    const bundle = JSON.parse(readFileSync(path.join("l10n", "bundle.l10n.json"), "utf8")) as Record<string, string>;
    for (const [key, text] of Object.entries(bundle)) assert.equal(key, text);
  });
});
