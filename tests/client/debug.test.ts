import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { debugText, librariesIn } from "../../client/src/debugText";
import { shortenHome } from "../../client/src/home";

const NOTHING = { facts: [], settings: {}, libraries: [], log: [] };

describe("debugText", () => {
  it("is markdown that holds what was asked for", () => {
    const text = debugText({
      facts: [
        ["Extension", "0.1.0"],
        ["Framework", undefined],
      ],
      settings: { "callscope.ignore": ["CB2"] },
      libraries: ["jedi 0.19.2", "pygls 2.1.1"],
      log: ["[info] one", "[info] two"],
    });
    assert.match(text, /^### Callscope/);
    assert.match(text, /- \*\*Extension:\*\* 0\.1\.0\n/);
    assert.doesNotMatch(text, /Framework|undefined/);
    assert.match(text, /\*\*Bundled:\*\* jedi 0\.19\.2, pygls 2\.1\.1\n/);
    assert.match(text, /```json\n\{\n {2}"callscope\.ignore": \[\n {4}"CB2"\n {2}\]\n\}\n```/);
    assert.match(text, /```text\n\[info\] one\n\[info\] two\n```\n$/);
  });

  it("keeps the last lines of a long log", () => {
    const log = Array.from({ length: 500 }, (_, index) => `line ${index}`);
    const text = debugText({ ...NOTHING, log });
    assert.match(text, /line 499\n/);
    assert.doesNotMatch(text, /line 399\n/);
  });

  it("cannot be broken out of by what a log holds", () => {
    const text = debugText({ ...NOTHING, log: ["```", "# a title"] });
    assert.match(text, /\n````text\n```\n# a title\n````\n$/);
  });

  it("names neither the home folder nor secrets", () => {
    const settings = { "callscope.interpreter": "C:\\Users\\ann\\env\\python.exe" };
    const log = [
      String.raw`C:\Users\ann\shop: api_key=sk-abcdef123456789, "token": "t0ken", PASSWORD: hunter2`,
      "https://ann:hunter2@example.org/simple failed",
      "the key sk-proj-abcdef12345678 of c:/users",
    ];
    const text = debugText({ ...NOTHING, settings, log }, "C:\\Users\\ann");
    assert.doesNotMatch(text, /ann|hunter2|t0ken|abcdef/);
    assert.match(text, /"~\\\\env\\\\python\.exe"/);
    assert.match(text, /~\\shop/);
    assert.match(text, /https:\/\/\*\*\*@example\.org/);
  });
});

describe("shortenHome", () => {
  it("takes the folder, and none that only begins like it", () => {
    assert.equal(shortenHome("/home/x/a /home/x2/b y/home/x/c (/home/x)", "/home/x"), "~/a /home/x2/b y/home/x/c (~)");
    assert.equal(shortenHome("/a/b", "/"), "/a/b");
    assert.equal(shortenHome("/home/a.b/c /home/axb/c", "/home/a.b"), "~/c /home/axb/c");
  });
});

describe("librariesIn", () => {
  it("reads names and versions off the folders", () => {
    assert.deepEqual(
      librariesIn(["pygls", "pygls-2.1.1.dist-info", "typing_extensions-4.15.0.dist-info", "six.py"]),
      ["pygls 2.1.1", "typing_extensions 4.15.0"],
    );
  });
});
