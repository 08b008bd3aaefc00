import { commands, Location, Position, Range, Uri, type Disposable } from "vscode";
import type { Location as ProtocolLocation, Position as ProtocolPosition } from "vscode-languageclient";

/** Shows places beside the line that leads to them; the server puts it behind its code lenses. */
export const PEEK = "callscope.peek";

export function registerPeek(): Disposable {
  return commands.registerCommand(PEEK, (uri: string, at: ProtocolPosition, places: ProtocolLocation[]) =>
    commands.executeCommand(
      "editor.action.peekLocations",
      Uri.parse(uri),
      new Position(at.line, at.character),
      places.map(toLocation),
      "peek",
    ),
  );
}

function toLocation({ uri, range: { start, end } }: ProtocolLocation): Location {
  return new Location(Uri.parse(uri), new Range(start.line, start.character, end.line, end.character));
}
