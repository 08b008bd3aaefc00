import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LanguageStatusSeverity } from "vscode";
import { describeState, whyNot } from "../../client/src/statusText";

const READY = { kind: "ready", version: "0.1.0", detail: "Python 3.11.2 at ~/.venv/bin/python", problem: undefined } as const;

describe("describeState", () => {
  it("says what a server runs with", () => {
    const { text, detail, severity, command } = describeState(READY);
    assert.equal(`${text}: ${detail}`, "Callscope 0.1.0: Python 3.11.2 at ~/.venv/bin/python");
    assert.equal(severity, LanguageStatusSeverity.Information);
    assert.equal(command.command, "callscope.showLog");
  });

  it("says that nothing can be fixed, and leads to why", () => {
    const { text, detail, severity, command } = describeState({ ...READY, fixesMissing: "callscope.explainIt" });
    assert.equal(`${text}: ${detail}`, "Callscope 0.1.0: No fixes: libcst is missing");
    assert.equal(severity, LanguageStatusSeverity.Warning);
    assert.deepEqual(command, { command: "callscope.explainIt", title: "Show Why" });
  });

  it("says first what is wrong with the settings", () => {
    const problem = "The interpreter in the settings cannot be used";
    const { detail, command } = describeState({ ...READY, problem, fixesMissing: "callscope.explainIt" });
    assert.equal(detail, problem);
    assert.equal(command.command, "callscope.showLog");
  });

  it("offers to cancel a check of all files, and afterwards to begin it again", () => {
    const underWay = describeState(READY, "underWay");
    assert.equal(`${underWay.text}: ${underWay.detail}`, "Callscope 0.1.0: Checking the workspace");
    assert.deepEqual(underWay.command, { command: "callscope.cancelCheck", title: "Cancel" });
    const cancelled = describeState(READY, "cancelled");
    assert.equal(cancelled.detail, "The check of the workspace was cancelled");
    assert.equal(cancelled.command.command, "callscope.checkWorkspace");
    assert.equal(describeState({ kind: "crashed" }, "cancelled").command.command, "callscope.restart");
  });

  it("offers a restart when the server keeps stopping", () => {
    const { severity, command } = describeState({ kind: "crashed" });
    assert.equal(severity, LanguageStatusSeverity.Error);
    assert.equal(command.command, "callscope.restart");
  });
});

describe("whyNot", () => {
  it("has a reason for each state in which nothing can be asked", () => {
    assert.equal(whyNot(READY), undefined);
    for (const kind of ["starting", "crashed", "off"] as const) assert.match(whyNot({ kind }) ?? "", /^Callscope .*\.$/);
    assert.equal(whyNot({ kind: "noPython", detail: "" }), "Callscope needs Python 3.10 or newer to run and found none.");
  });
});
