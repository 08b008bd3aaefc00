import {
  EventEmitter,
  extensions,
  l10n,
  languages,
  window,
  workspace,
  type CancellationToken,
  type CodeActionProvider,
  type Disposable,
  type LogOutputChannel,
  type Progress,
  type TextDocument,
  type Uri,
} from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  WorkDoneProgress,
  WorkDoneProgressCancelNotification,
  type ErrorHandler,
  type LanguageClientOptions,
} from "vscode-languageclient/node";
import { CrashCounter } from "./crashes";
import { EXPLAIN, PAGES } from "./pages";
import { findPythons, type Choice } from "./find";
import { shortenHome } from "./home";
import { Latest } from "./latest";
import { launchCommand } from "./launch";
import type { Layout } from "./layout";
import { forgetProblem, showProblem } from "./messages";
import { describe, OLDEST_NAME, type Python } from "./python";
import { PEEK } from "./peek";
import type { PythonExtension } from "./pythonExtension";
import { CHECK_TOKENS, RunningChecks } from "./runningChecks";
import { CONFIGURATION_FILES, SELECTOR } from "./selector";
import { showResult, type Summary } from "./workspaceCheck";
import { readSettings, SECTION, type ProcessSettings } from "./settings";
import type { Status } from "./status";
import { whyNot } from "./statusText";
import type { Target } from "./targetText";

const START_TIMEOUT_MS = 60_000;
const TOML_EXTENSION = "tamasfe.even-better-toml";

/** How far work has come since it told so last. */
interface Step {
  readonly message: string;
  readonly increment: number;
}

/** The one server process: started, restarted and stopped strictly one after the other. */
export class Server implements Disposable {
  /** What the running process was started with. */
  settings: ProcessSettings = readSettings();
  private readonly targetsChanged = new EventEmitter<void>();
  /** Fires when files may be checked against another release than before. */
  readonly onDidChangeTargets = this.targetsChanged.event;
  private readonly checks = new RunningChecks();
  private client: LanguageClient | undefined;
  private choice: Choice | undefined;
  private closing = false;
  private works = 0;
  private readonly crashes = new CrashCounter();
  private readonly latest = new Latest(() => this.replace());

  constructor(
    private readonly layout: Layout,
    private readonly pythonExtension: PythonExtension,
    private readonly status: Status,
    private readonly log: LogOutputChannel,
  ) {
    this.checks.onDidChange(() => {
      this.status.showCheck(this.checks.any ? "underWay" : undefined);
    });
  }

  /** Starts the server afresh because something has changed or the user asked. */
  restart(reason: string): Promise<void> {
    this.log.info(reason);
    this.crashes.reset();
    forgetProblem();
    return this.latest.ask();
  }

  /** What asks the server for code actions in a document, with the words and answers of VS Code. */
  codeActionProvider(document: TextDocument): CodeActionProvider | undefined {
    return this.client?.getFeature("textDocument/codeAction").getProvider(document);
  }

  /** Stops the server for good. */
  stop(): Promise<void> {
    this.closing = true;
    return this.latest.ask();
  }

  dispose(): void {
    void this.stop();
    this.targetsChanged.dispose();
    this.checks.dispose();
  }

  /** Whether it makes sense to wait for an answer. */
  get mayAnswer(): boolean {
    return this.status.state.kind === "ready" || this.status.state.kind === "starting";
  }

  /** Answers somebody who asks something of a server that does not run; whether there was need to. */
  saysWhyNot(): boolean {
    const reason = whyNot(this.status.state);
    if (reason !== undefined) {
      void window.showInformationMessage(reason);
    }
    return reason !== undefined;
  }

  /** The release that a file is checked against; undefined while no server runs. */
  target(file: Uri): Promise<Target | undefined> {
    return this.request<Target>("callscope/target", { uri: this.uriOf(file) });
  }

  /** How a document is called in what is sent to the server. */
  uriOf(document: Uri): string {
    return this.client?.code2ProtocolConverter.asUri(document) ?? document.toString();
  }

  /** Resolves when the server has started, or is known not to. */
  started(): Promise<void> {
    return this.latest.idle();
  }

  /** Asks the running server; undefined while there is none, and where it has no answer. */
  async request<T>(method: string, params: unknown): Promise<T | undefined> {
    const { client } = this;
    if (!client?.isRunning()) {
      return undefined;
    }
    try {
      return (await client.sendRequest<T | null>(method, params)) ?? undefined;
    } catch (error) {
      this.log.debug(`${method} was not answered: ${String(error)}`);
      return undefined;
    }
  }

  /** Stops checking all files, whoever has begun it; what was found by then stays. */
  cancelChecks(): void {
    for (const token of this.checks.all()) {
      void this.client?.sendNotification(WorkDoneProgressCancelNotification.type, { token });
    }
  }

  /** Asks for a check of all files: shows how far it is, and passes on that the user cancels it. */
  async checkWorkspace(progress: Progress<Step>, cancelled: CancellationToken): Promise<Summary | undefined> {
    await this.started();
    const { client } = this;
    const workDoneToken = `${CHECK_TOKENS}${++this.works}`;
    let done = 0;
    const subscriptions = [
      client?.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
        if (value.kind === "report") {
          const { message = "", percentage = done } = value;
          progress.report({ message, increment: percentage - done });
          done = percentage;
        }
      }),
      cancelled.onCancellationRequested(() =>
        client?.sendNotification(WorkDoneProgressCancelNotification.type, { token: workDoneToken }),
      ),
    ];
    try {
      return await this.request<Summary>("callscope/checkWorkspace", { workDoneToken });
    } finally {
      subscriptions.forEach((each) => void each?.dispose());
    }
  }

  /** What a report of a problem should say of the server. */
  get account(): { state: string; runner?: Python; interpreter?: string; crashes: number } {
    const { runner, interpreter } = this.choice ?? {};
    const info = this.client?.initializeResult?.serverInfo;
    const { state } = this.status;
    const limits = state.kind === "ready" && state.fixesMissing && "noFixes";
    return {
      state: [state.kind, info?.version, limits].filter(Boolean).join(", "),
      ...(runner && { runner }),
      ...(interpreter && { interpreter }),
      crashes: this.crashes.recent(Date.now()),
    };
  }

  private async replace(): Promise<void> {
    await this.stopClient();
    if (this.closing) {
      return;
    }
    this.settings = readSettings();
    if (!this.settings.enabled) {
      this.status.show({ kind: "off" });
      this.targetsChanged.fire();
      return;
    }
    this.status.show({ kind: "starting" });
    const choice = await findPythons(this.settings, this.layout, this.pythonExtension, this.log);
    this.choice = choice;
    // Somebody may have asked again or said stop meanwhile.
    if (this.latest.stale) {
      return;
    }
    if (choice.runner) {
      await this.startClient(choice.runner, choice);
    } else {
      this.reportNoPython(choice);
    }
  }

  private async startClient(python: Python, choice: Choice): Promise<void> {
    const command = await launchCommand(python, this.layout, this.settings.importStrategy);
    const client: LanguageClient = new LanguageClient(SECTION, "Callscope", command, {
      ...this.options(),
      initializationOptions: {
        interpreter: choice.interpreter ?? null,
        trusted: workspace.isTrusted,
        showsTarget: true,
        workspaceResult: true,
        fixesMissing: true,
        commands: [PEEK],
        explain: { scheme: PAGES, command: EXPLAIN },
      },
      errorHandler: this.errorHandler(() => client),
    });
    this.client = client;
    client.onNotification("callscope/targetsChanged", () => {
      this.targetsChanged.fire();
    });
    client.onNotification("callscope/workspaceChecked", (summary: Summary) => {
      showResult(summary);
      this.status.showCheck(summary.cancelled ? "cancelled" : undefined);
    });
    client.onNotification("callscope/fixesMissing", ({ command }: { command: string }) => {
      const { state } = this.status;
      if (this.client === client && state.kind === "ready") {
        this.status.show({ ...state, fixesMissing: command });
      }
    });
    this.log.info(`Starting the server with ${describe(python)}`);
    try {
      await within(START_TIMEOUT_MS, client.start());
    } catch (error) {
      this.log.error(`The server did not start: ${String(error)}`);
      this.afterCrash(client);
      return;
    }
    const info = client.initializeResult?.serverInfo;
    this.log.info(`The server is ready: ${info?.name ?? "Callscope"} ${info?.version ?? ""}`.trimEnd());
    if (this.client === client) {
      this.status.show({
        kind: "ready",
        version: info?.version ?? "",
        detail: shortenHome(describe(python)),
        problem: choice.settingProblem && l10n.t("The interpreter in the settings cannot be used"),
      });
      this.targetsChanged.fire();
    }
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: [...SELECTOR, ...CONFIGURATION_FILES],
      outputChannel: this.log,
      // Hovers of ours may link to this command of ours, and to no other.
      markdown: { isTrusted: { enabledCommands: [EXPLAIN] } },
      middleware: {
        handleWorkDoneProgress: (token, value, next) => {
          this.checks.follow(token, value);
          next(token, value);
        },
        // An extension for TOML completes by the schema that this one contributes: once is enough.
        provideCompletionItem: (document, position, context, token, next) =>
          languages.match(CONFIGURATION_FILES, document) > 0 && extensions.getExtension(TOML_EXTENSION)?.isActive
            ? undefined
            : next(document, position, context, token),
      },
      // The log opens when the user asks for it, never by itself.
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationFailedHandler: () => false,
    };
  }

  private errorHandler(client: () => LanguageClient): ErrorHandler {
    return {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        // Not from inside the client that is just closing down.
        setImmediate(() => {
          this.afterCrash(client());
        });
        return {
          action: CloseAction.DoNotRestart,
          handled: true,
          message: l10n.t("The connection to the server was closed."),
        };
      },
    };
  }

  /** Called for each way in which a server may end unasked; acts once for each server. */
  private afterCrash(client: LanguageClient): void {
    if (this.client !== client || this.closing) {
      return;
    }
    this.client = undefined;
    this.checks.forget();
    void discard(client);
    if (this.crashes.mayRestart(Date.now())) {
      this.log.warn("The server stopped unexpectedly and is started again.");
      void this.latest.ask();
    } else {
      this.log.error("The server stopped too often and is not started again.");
      this.status.show({ kind: "crashed" });
      this.targetsChanged.fire();
      showProblem(
        l10n.t("The Callscope server stopped several times in a short while. Its log may tell why."),
        "restartServer",
        "showLog",
      );
    }
  }

  private async stopClient(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    this.checks.forget();
    if (client) {
      await discard(client);
    }
  }

  private reportNoPython({ settingProblem }: Choice): void {
    const need = l10n.t("Callscope needs {0} or newer to run and found none.", OLDEST_NAME);
    this.log.error(need);
    this.targetsChanged.fire();
    this.status.show({ kind: "noPython", detail: l10n.t("{0} or newer is needed", OLDEST_NAME) });
    showProblem(settingProblem ? `${need} ${settingProblem}` : need, "selectInterpreter", "showLog");
  }
}

/** Ends a client in whatever state it is, along with its process. */
async function discard(client: LanguageClient): Promise<void> {
  const process = client.serverProcess;
  try {
    await client.dispose();
  } catch {
    // It was not running, or did not answer; the process is ended below in any case.
    process?.kill();
  }
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${milliseconds / 1000} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
