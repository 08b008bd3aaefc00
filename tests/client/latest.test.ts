import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Latest } from "../../client/src/latest";

/** A job that ends when told to, and counts how often it was begun. */
function heldJob() {
  const ends: (() => void)[] = [];
  const job = () => new Promise<void>((resolve) => ends.push(resolve));
  return { job, begun: () => ends.length, end: () => ends.at(-1)?.() };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("Latest", () => {
  it("runs once more for any number of requests during a run", async () => {
    const held = heldJob();
    const latest = new Latest(held.job);
    const all = [latest.ask(), latest.ask(), latest.ask()];
    assert.equal(held.begun(), 1);
    assert.equal(latest.stale, true);
    held.end();
    await settle();
    assert.equal(held.begun(), 2);
    assert.equal(latest.stale, false);
    held.end();
    await Promise.all(all);
    assert.equal(held.begun(), 2);
  });

  it("is idle when the last run that was asked for has ended", async () => {
    const held = heldJob();
    const latest = new Latest(held.job);
    await latest.idle();
    void latest.ask();
    void latest.ask();
    let idle = false;
    const waiting = latest.idle().then(() => (idle = true));
    held.end();
    await settle();
    assert.equal(idle, false);
    held.end();
    await waiting;
    assert.equal(held.begun(), 2);
  });

  it("runs again after it has ended", async () => {
    let runs = 0;
    const latest = new Latest(() => {
      runs++;
      return Promise.resolve();
    });
    await latest.ask();
    await latest.ask();
    assert.equal(runs, 2);
  });

  it("can be asked again after the job has failed", async () => {
    let fail = true;
    const latest = new Latest(() => (fail ? Promise.reject(new Error("no")) : Promise.resolve()));
    await assert.rejects(latest.ask(), /no/);
    fail = false;
    await latest.ask();
  });
});
