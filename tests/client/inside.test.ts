import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, describe, it } from "node:test";
import { isInside } from "../../client/src/inside";

const home = mkdtempSync(path.join(tmpdir(), "callscope-inside-"));
const at = (...parts: string[]) => path.join(home, ...parts);
for (const folder of ["work", "..work", "tools"]) mkdirSync(at(folder, "bin"), { recursive: true });
for (const folder of ["work", "tools"]) writeFileSync(at(folder, "bin", "python"), "");
symlinkSync(at("work", "bin", "python"), at("tools", "bin", "to-work"));
symlinkSync(at("tools", "bin", "python"), at("work", "bin", "to-tools"));
symlinkSync(at("work"), at("alias"));
after(() => {
  rmSync(home, { recursive: true });
});

describe("isInside", () => {
  const folders = [at("work")];
  const cases: [place: string, expected: boolean][] = [
    [at("work", "bin", "python"), true],
    [at("work", "bin", "missing"), true],
    [at("tools", "..", "work", "bin", "python"), true],
    [at("alias", "bin", "python"), true],
    [at("tools", "bin", "to-work"), true],
    // A virtual environment's python is a link out of the folder: the folder decides what it loads.
    [at("work", "bin", "to-tools"), true],
    [at("alias", "bin", "to-tools"), true],
    [at("tools", "bin", "python"), false],
    [at("..work", "bin", "python"), false],
  ];
  for (const [place, expected] of cases) {
    it(`is ${expected} for ${path.relative(home, place)}`, () => {
      assert.equal(isInside(place, folders), expected);
    });
  }

  it("knows a folder that is opened by a link", () => {
    assert.equal(isInside(at("work", "bin", "python"), [at("alias")]), true);
  });

  it("looks a bare name up", () => {
    const search = [at("tools", "bin"), at("work", "bin")].join(path.delimiter);
    assert.equal(isInside("python", folders, search), true);
    assert.equal(isInside("python", folders, at("tools", "bin")), false);
  });
});
