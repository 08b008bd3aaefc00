/** The documents Callscope looks at. */
export const SELECTOR = [
  { language: "python", scheme: "file" },
  { language: "python", scheme: "untitled" },
  // Cells: the editor calls the type of their notebook `notebookType`, the language client `notebook`.
  { language: "python", notebookType: "jupyter-notebook", notebook: "jupyter-notebook" },
];

/** The files that configure it, whatever language the editor takes them for. */
export const CONFIGURATION_FILES = [
  { scheme: "file", pattern: "**/callscope.toml" },
  { scheme: "file", pattern: "**/pyproject.toml" },
];
