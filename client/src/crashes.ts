const WINDOW_MS = 3 * 60_000;
const LIMIT = 3;

/** Decides whether a server that stopped by itself deserves another start. */
export class CrashCounter {
  private times: number[] = [];

  /** Counts one crash; false when there were too many of late. */
  mayRestart(now: number): boolean {
    this.times = [...this.times.filter((time) => now - time < WINDOW_MS), now];
    return this.times.length <= LIMIT;
  }

  /** How many there were of late. */
  recent(now: number): number {
    return this.times.filter((time) => now - time < WINDOW_MS).length;
  }

  /** Forgets the past: the user asked for a restart or changed a setting. */
  reset(): void {
    this.times = [];
  }
}
