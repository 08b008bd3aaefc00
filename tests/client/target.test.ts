import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeTarget, type Target } from "../../client/src/targetText";

const FOUND: Target = {
  target: "ag2==0.9.10",
  title: "AG2 0.9.10",
  classic: true,
  origin: "installed",
  place: "/home/ann/shop/.venv/bin/python",
  interpreter: "/home/ann/shop/.venv/bin/python",
  configuration: null,
  known: [],
};

const said = (changes: Partial<Target>) => {
  const { text, detail } = describeTarget({ ...FOUND, ...changes }, (path) => path.replace("/home/ann/shop/", ""));
  return `${text}: ${detail}`;
};

describe("describeTarget", () => {
  it("says the release and where it was found", () => {
    assert.equal(said({}), "AG2 0.9.10: installed for .venv/bin/python");
    assert.equal(said({ origin: "locked", place: "/home/ann/shop/uv.lock" }), "AG2 0.9.10: pinned in uv.lock");
    assert.equal(
      said({ origin: "configured", place: "/home/ann/shop/callscope.toml" }),
      "AG2 0.9.10: set in callscope.toml",
    );
    assert.equal(said({ origin: "given", place: null }), "AG2 0.9.10: set in the settings");
  });

  it("says when nothing was found, and what is done then", () => {
    assert.equal(
      said({ origin: "assumed", title: "AG2 0.14.1", place: null }),
      "No AutoGen found: checking against AG2 0.14.1, the newest known",
    );
  });

  it("says when what was found is another framework", () => {
    assert.equal(
      said({ classic: false, title: "ag2 1.2.1" }),
      "ag2 1.2.1: it has no `import autogen` (found in .venv/bin/python)",
    );
    assert.equal(
      said({ classic: false, title: "ag2 1.2.1", origin: "given", place: null }),
      "ag2 1.2.1: it has no `import autogen`",
    );
  });
});
