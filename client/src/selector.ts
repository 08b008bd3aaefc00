/** The documents Callscope looks at. */
export const SELECTOR = [
  { language: "python", scheme: "file" },
  { language: "python", scheme: "untitled" },
  // A notebook's cells have a scheme of their own, whatever the notebook's is.
  { language: "python", notebook: { notebookType: "jupyter-notebook", scheme: "file" } },
  { language: "python", notebook: { notebookType: "jupyter-notebook", scheme: "untitled" } },
];

/** The files that configure it, whatever language the editor takes them for. */
export const CONFIGURATION_FILES = [
  { scheme: "file", pattern: "**/callscope.toml" },
  { scheme: "file", pattern: "**/pyproject.toml" },
];
