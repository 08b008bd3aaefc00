import { languages, type Disposable, type LanguageStatusItem } from "vscode";
import { SELECTOR } from "./selector";
import { describeState, type Check, type State } from "./statusText";

/** Shows the state of the server in the language status. */
export class Status implements Disposable {
  /** What was shown last. */
  state: State = { kind: "starting" };
  private check: Check | undefined;
  private readonly item: LanguageStatusItem;

  constructor() {
    this.item = languages.createLanguageStatusItem("callscope", SELECTOR);
    this.item.name = "Callscope";
    this.show({ kind: "starting" });
  }

  show(state: State): void {
    this.state = state;
    this.draw();
  }

  /** Shows how it is with the check of all files; undefined when there is nothing to say of it. */
  showCheck(check: Check | undefined): void {
    this.check = check;
    this.draw();
  }

  /** A check that was cancelled is begun again, or no longer wanted. */
  forgetCancelled(): void {
    if (this.check === "cancelled") {
      this.showCheck(undefined);
    }
  }

  private draw(): void {
    Object.assign(this.item, describeState(this.state, this.check), {
      busy: this.state.kind === "starting" || this.check === "underWay",
    });
  }

  dispose(): void {
    this.item.dispose();
  }
}
