// Waiting for what will be true soon, without guessing how soon.
import { setTimeout as pause } from "node:timers/promises";

/** Tries until it succeeds; after the time is up, fails with the last reason. */
export async function expectSoon(what, attempt, { timeout = 60_000, every = 100 } = {}) {
  const end = Date.now() + timeout;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end)
        throw new Error(`${what}: not within ${timeout / 1000} s; ${error.message}`, { cause: error });
      await pause(every);
    }
  }
}
