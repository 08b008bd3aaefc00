import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import { candidatesOnPath, expandSetting, isNewEnough, parseVersion, probe } from "../../client/src/python";

describe("candidatesOnPath", () => {
  const all = () => true;

  it("takes the newest version first, and plain names last", () => {
    const names = candidatesOnPath("/usr/bin", "linux", all).map(([file]) => path.posix.basename(file ?? ""));
    assert.deepEqual(names, [
      "python3.14",
      "python3.13",
      "python3.12",
      "python3.11",
      "python3.10",
      "python3",
      "python",
    ]);
  });

  it("looks through the folders in order", () => {
    const files = candidatesOnPath("/a:/b", "linux", (file) => file.endsWith("/python3"));
    assert.deepEqual(files, [["/a/python3"], ["/b/python3"]]);
  });

  it("ignores relative and empty entries, which would mean the current folder", () => {
    assert.deepEqual(candidatesOnPath(".::bin:node_modules/.bin", "linux", all), []);
  });

  it("asks the launcher on Windows", () => {
    const files = candidatesOnPath("C:\\Windows;.", "win32", (file) => file.endsWith("\\py.exe"));
    assert.deepEqual(files, [["C:\\Windows\\py.exe", "-3"]]);
  });
});

describe("expandSetting", () => {
  const expand = (value: string) => expandSetting(value, "/home/me", "/work");

  it("leaves absolute paths and bare names alone", () => {
    assert.equal(expand("/usr/bin/python3"), "/usr/bin/python3");
    assert.equal(expand("python3.12"), "python3.12");
    assert.equal(expand("  "), "");
  });

  it("spells out home, workspace and relative paths", () => {
    assert.equal(expand("~/env/bin/python"), "/home/me/env/bin/python");
    assert.equal(expand("${workspaceFolder}/.venv/bin/python"), "/work/.venv/bin/python");
    assert.equal(expand(".venv/bin/python"), path.join("/work", ".venv/bin/python"));
  });
});

describe("versions", () => {
  it("are read from exactly what the probe prints", () => {
    assert.deepEqual(parseVersion("3.11.2\n"), [3, 11, 2]);
    assert.equal(parseVersion("Python was not found"), undefined);
    assert.equal(parseVersion(""), undefined);
  });

  it("before 3.10 are too old", () => {
    const isEnough = (major: number, minor: number) =>
      isNewEnough({ command: ["python"], version: [major, minor, 0] });
    assert.deepEqual(
      [isEnough(2, 7), isEnough(3, 9), isEnough(3, 10), isEnough(3, 14), isEnough(4, 0)],
      [false, false, true, true, true],
    );
  });
});

/** What is wrong with a command, according to `probe`; empty if nothing is. */
async function problem(command: string, cwd = tmpdir()): Promise<string> {
  const answer = await probe([command], cwd);
  return typeof answer === "string" ? answer : "";
}

describe("probe", () => {
  const python = process.platform === "win32" ? "python" : "python3";

  it("tells the version", async () => {
    const answer = await probe([python], tmpdir());
    assert.ok(typeof answer !== "string" && answer.version[0] >= 3);
  });

  it("says what is wrong with a path", async () => {
    assert.match(await problem(path.join(tmpdir(), "no-such-python")), /no such file/);
    assert.match(await problem(process.execPath), /failed/);
  });

  it("runs no code of the folder it runs in", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "callscope-probe-"));
    try {
      for (const name of ["sys.py", "site.py", "sitecustomize.py", "encodings.py"]) {
        writeFileSync(
          path.join(folder, name),
          `open(${JSON.stringify(path.join(folder, "ran"))}, "w")\nraise SystemExit(1)\n`,
        );
      }
      assert.equal(await problem(python, folder), "");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
