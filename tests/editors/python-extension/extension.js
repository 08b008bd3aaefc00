// The part of the Python extension's API that others use to learn the selected interpreter.
const fs = require("node:fs");
const vscode = require("vscode");

const file = process.env.STAND_IN_INTERPRETER_FILE;
const read = () => fs.readFileSync(file, "utf8").trim();

exports.activate = (context) => {
  const changed = new vscode.EventEmitter();
  fs.watchFile(file, { interval: 100 }, () => changed.fire({ path: read() }));
  context.subscriptions.push(changed, { dispose: () => fs.unwatchFile(file) });
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ id: read(), path: read() }),
      resolveEnvironment: (environment) =>
        Promise.resolve({ executable: { uri: vscode.Uri.file(environment.path) }, path: environment.path }),
      onDidChangeActiveEnvironmentPath: changed.event,
    },
  };
};
