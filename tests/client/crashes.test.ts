import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrashCounter } from "../../client/src/crashes";

const MINUTE = 60_000;

describe("CrashCounter", () => {
  it("gives up at the fourth crash in a short while", () => {
    const counter = new CrashCounter();
    assert.deepEqual(
      [0, 1, 2, 3].map((time) => counter.mayRestart(time)),
      [true, true, true, false],
    );
  });

  it("never gives up on a server that crashes seldom", () => {
    const counter = new CrashCounter();
    for (let time = 0; time < 60 * MINUTE; time += 2 * MINUTE) assert.equal(counter.mayRestart(time), true);
  });

  it("begins afresh after a reset", () => {
    const counter = new CrashCounter();
    for (let time = 0; time < 4; time++) counter.mayRestart(time);
    counter.reset();
    assert.equal(counter.mayRestart(5), true);
  });
});
