import { EventEmitter, extensions, workspace, type Event, type LogOutputChannel, type Uri } from "vscode";

/** The identifier of the Python extension. */
export const PYTHON_EXTENSION = "ms-python.python";
const ACTIVATION_TIMEOUT_MS = 15_000;

/** The part of the Python extension's API that is used here. */
interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: Uri): { readonly id: string; readonly path: string };
    resolveEnvironment(
      environment: unknown,
    ): Promise<{ readonly executable: { readonly uri?: Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: Event<unknown>;
  };
}

/**
 * The interpreter selected in the Python extension, if that extension is there. It is looked
 * up at run time and every failure is taken as "not there": Callscope must work without it.
 */
export class PythonExtension {
  private readonly changed = new EventEmitter<void>();
  /** Fires when another interpreter was selected, and when the extension comes or goes. */
  readonly onDidChange = this.changed.event;
  private readonly subscriptions: { dispose(): unknown }[] = [this.changed];
  private api: PythonApi | undefined;
  private present = PythonExtension.installed();

  constructor(private readonly log: LogOutputChannel) {
    this.subscriptions.push(
      extensions.onDidChange(() => {
        if (this.present !== PythonExtension.installed()) {
          this.present = !this.present;
          this.api = undefined;
          this.changed.fire();
        }
      }),
    );
  }

  private static installed(): boolean {
    return extensions.getExtension(PYTHON_EXTENSION) !== undefined;
  }

  async interpreter(): Promise<string | undefined> {
    try {
      const environments = (await this.connect())?.environments;
      if (!environments) {
        return undefined;
      }
      const active = environments.getActiveEnvironmentPath(workspace.workspaceFolders?.[0]?.uri);
      return (await environments.resolveEnvironment(active))?.executable.uri?.fsPath;
    } catch (error) {
      this.log.warn(`The Python extension did not tell its interpreter: ${String(error)}`);
      return undefined;
    }
  }

  private async connect(): Promise<PythonApi | undefined> {
    const extension = extensions.getExtension<PythonApi | undefined>(PYTHON_EXTENSION);
    if (!extension || this.api) {
      return this.api;
    }
    // It may take long to start, and may never finish: go on without it and come back when it has.
    const activation = Promise.resolve(extension.activate()).then((api) => {
      this.attach(api);
    });
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<"late">((resolve) => {
      timer = setTimeout(() => {
        resolve("late");
      }, ACTIVATION_TIMEOUT_MS);
    });
    const outcome = await Promise.race([activation, timeout]).finally(() => {
      clearTimeout(timer);
    });
    if (outcome === "late") {
      this.log.info("The Python extension is still starting; going on without it.");
      activation.then(
        () => {
          this.changed.fire();
        },
        (error: unknown) => {
          this.log.warn(`The Python extension did not start: ${String(error)}`);
        },
      );
    }
    return this.api;
  }

  private attach(api: PythonApi | undefined): void {
    if (this.api || typeof api?.environments.getActiveEnvironmentPath !== "function") {
      return;
    }
    this.api = api;
    this.subscriptions.push(
      api.environments.onDidChangeActiveEnvironmentPath(() => {
        this.changed.fire();
      }),
    );
  }

  dispose(): void {
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
  }
}
