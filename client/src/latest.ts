/**
 * Runs a job one at a time. Asked again while the job runs, it runs once more afterwards:
 * once, however often it was asked, so that a burst of events costs two runs at most.
 */
export class Latest {
  private running: Promise<void> | undefined;
  private askedAgain = false;

  constructor(private readonly job: () => Promise<void>) {}

  /** Resolves when a run that began after this call has ended. */
  ask(): Promise<void> {
    if (this.running) {
      this.askedAgain = true;
    } else {
      this.running = this.run();
    }
    return this.running;
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    while (this.running) {
      await this.running;
    }
  }

  /** Whether the run under way is already out of date. */
  get stale(): boolean {
    return this.askedAgain;
  }

  private async run(): Promise<void> {
    try {
      do {
        this.askedAgain = false;
        await this.job();
      } while (this.stale);
    } finally {
      this.running = undefined;
    }
  }
}
