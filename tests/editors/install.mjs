// Installs the editor that the tests drive, unless it is there.
import { installHost } from "./host.mjs";

await installHost();
