import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const NODE_GLOBALS = [
  "AbortController",
  "Buffer",
  "URL",
  "clearInterval",
  "clearTimeout",
  "console",
  "fetch",
  "performance",
  "process",
  "setImmediate",
  "setInterval",
  "setTimeout",
];

export default defineConfig(
  { ignores: ["dist/", "artifacts/", ".cache/", ".venv/", "node_modules/", "docs/", "examples/", "server/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // node:test's describe and it return promises that the runner itself awaits.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", package: "node:test", name: ["describe", "it", "test"] },
          ],
        },
      ],
    },
  },
  {
    files: ["**/*.mjs"],
    // The colour codes of terminals begin with one.
    rules: { "no-control-regex": "off" },
    languageOptions: { globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, "readonly"])) },
  },
  {
    files: ["**/*.js"],
    languageOptions: {
      sourceType: "commonjs",
      globals: { exports: "writable", process: "readonly", require: "readonly" },
    },
  },
  {
    // Functions handed to the browser run there.
    files: ["tests/editors/**/*.mjs"],
    languageOptions: { globals: { document: "readonly", window: "readonly" } },
  },
);
