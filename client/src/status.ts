import { languages, type Disposable, type LanguageStatusItem } from "vscode";
import { SELECTOR } from "./selector";
import { describeState, type State } from "./statusText";

/** Shows the state of the server in the language status. */
export class Status implements Disposable {
  /** What was shown last. */
  state: State = { kind: "starting" };
  private readonly item: LanguageStatusItem;

  constructor() {
    this.item = languages.createLanguageStatusItem("callscope", SELECTOR);
    this.item.name = "Callscope";
    this.show({ kind: "starting" });
  }

  show(state: State): void {
    this.state = state;
    Object.assign(this.item, describeState(state), { busy: state.kind === "starting" });
  }

  dispose(): void {
    this.item.dispose();
  }
}
