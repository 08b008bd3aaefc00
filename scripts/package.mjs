// Packs the extension with the server and everything it needs into dist/callscope-<platform>-<version>.vsix.
//
//   npm run package                                    for this platform
//   npm run package -- --target win32-arm64,universal  for others; universal: without what is native
//   npm run package -- --all                           for all of them
//   npm run package -- --python                        the Python package alone: a wheel and an sdist
//   npm run package -- --all --python --test           and tries out what can be tried out here
//   npm run package -- --all --pin                     notes the digests of wheels that are not known yet
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { isMain, main, must, npm, Refusal, ROOT, run, step, venvProgram } from "./lib.mjs";
import { setup } from "./setup.mjs";
import { notices } from "./notices.mjs";
import { readmeOfPackage } from "./readme.mjs";

// VS Code's name of a platform, and the wheel tags that run there.
const PLATFORMS = {
  "linux-x64": ["manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64"],
  "linux-arm64": ["manylinux_2_28_aarch64", "manylinux2014_aarch64", "manylinux_2_17_aarch64"],
  "alpine-x64": ["musllinux_1_2_x86_64", "musllinux_1_1_x86_64"],
  "alpine-arm64": ["musllinux_1_2_aarch64", "musllinux_1_1_aarch64"],
  "darwin-x64": ["macosx_10_12_x86_64", "macosx_10_13_x86_64", "macosx_10_15_x86_64"],
  "darwin-arm64": ["macosx_11_0_arm64"],
  "win32-x64": ["win_amd64"],
  "win32-arm64": ["win_arm64"],
};

/** The package that fits wherever none of those does: nothing native, so that nothing is fixed there. */
const UNIVERSAL = "universal";

// libcst has a native part; one for each Python the extension may meet lies in the same folder.
const NATIVE = new Set(["libcst"]);
const PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"];

// libcst names these for a command line of its own that is not used here.
const UNUSED = new Set(["pyyaml", "pyyaml-ft"]);

const WHEELS = path.join(ROOT, ".cache", "wheels");

/** Every wheel that may ship, by the digest of its bytes. */
const DIGESTS = path.join(ROOT, "server", "wheels.sha256");
const STAGE = path.join(ROOT, "dist", "vsix");
const BUNDLED = path.join(STAGE, "bundled");

/** What ships besides the two programs and their licences. */
const FILES = [
  "CHANGELOG.md",
  "LICENSE",
  "package.nls.json",
  "package.nls.de.json",
  "l10n",
  "client/icon.png",
  "docs/schema",
  "client/media",
  "client/sample",
];

/** This machine's entry in PLATFORMS. */
export function thisPlatform() {
  const musl = process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime;
  return `${musl ? "alpine" : process.platform}-${process.arch}`;
}

function readManifest() {
  return JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
}

/** The path of the package for a platform, whether or not it has been packed. */
export function vsixOf(target) {
  return path.join(ROOT, "dist", `callscope-${target}-${readManifest().version}.vsix`);
}

/** Packs the extension and returns the path of the .vsix. */
export async function packExtension(target = thisPlatform(), { pin = false } = {}) {
  const targets = [...Object.keys(PLATFORMS), UNIVERSAL];
  if (!targets.includes(target)) {
    throw new Refusal(`There is no package for ${target}; there are: ${targets.join(", ")}.`);
  }
  await setup({ dev: false });
  const vsix = vsixOf(target);
  rmSync(STAGE, { recursive: true, force: true });
  mkdirSync(BUNDLED, { recursive: true });

  const metafile = path.join(ROOT, "dist", "client.json");
  await step("Client", async () => {
    await must(npm("run", "build", "--", `--metafile=${metafile}`));
    mkdirSync(path.join(STAGE, "dist"));
    cpSync(path.join(ROOT, "dist", "extension.js"), path.join(STAGE, "dist", "extension.js"));
  });
  await step(`Server and its packages: ${target}`, async () => {
    const wheels = await download(readRequirements(target), target);
    checkDigests(wheels, pin);
    await must([venvProgram("python"), "-c", UNPACK, BUNDLED, ...wheels]);
    cpSync(path.join(ROOT, "server", "callscope"), path.join(BUNDLED, "callscope"), {
      recursive: true,
      filter: (file) => path.basename(file) !== "__pycache__",
    });
    if (target === thisPlatform() || target === UNIVERSAL) await tryOut(target);
  });
  await step("Licences", () => {
    writeFileSync(path.join(STAGE, "THIRD-PARTY-NOTICES.txt"), notices(BUNDLED, metafile));
  });
  await step(path.relative(ROOT, vsix), async () => {
    writeManifest();
    for (const file of FILES.filter((file) => existsSync(path.join(ROOT, file)))) {
      cpSync(path.join(ROOT, file), path.join(STAGE, file), { recursive: true });
    }
    const readme = readFileSync(path.join(ROOT, "README.md"), "utf8");
    writeFileSync(path.join(STAGE, "README.md"), readmeOfPackage(readme));
    await pack(STAGE, vsix, ...(target === UNIVERSAL ? [] : ["--target", target]));
  });
  console.log(`  ${path.basename(vsix)}: ${(statSync(vsix).size / 1e6).toFixed(1)} MB`);
  return vsix;
}

/** Writes the wheel and the sdist of the Python package into dist/. */
async function packPython() {
  await setup();
  await step("Wheel and sdist of callscope", () =>
    must([venvProgram("python"), "-m", "hatchling", "build", "-d", path.join(ROOT, "dist")], {
      cwd: path.join(ROOT, "server"),
    }),
  );
}

/** Refuses wheels whose bytes are not those on record; with `pin`, new ones are put on record. */
function checkDigests(wheels, pin) {
  const known = new Map();
  for (const line of existsSync(DIGESTS) ? readFileSync(DIGESTS, "utf8").trim().split("\n") : []) {
    const [digest, name] = line.split("  ");
    known.set(name, digest);
  }
  for (const wheel of wheels) {
    const name = path.basename(wheel);
    const digest = createHash("sha256").update(readFileSync(wheel)).digest("hex");
    if (pin && !known.has(name)) known.set(name, digest);
    if (known.get(name) !== digest) {
      throw new Refusal(
        `${name} is not the file on record in ${path.relative(ROOT, DIGESTS)}: its digest is ${digest}.`,
      );
    }
  }
  if (pin) {
    const lines = [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, digest]) => `${digest}  ${name}\n`);
    writeFileSync(DIGESTS, lines.join(""));
  }
}

/** Writes the manifest as it ships: without what concerns only this repository. */
function writeManifest() {
  const shipped = Object.entries(readManifest()).filter(
    ([key]) => !["scripts", "devDependencies", "private"].includes(key),
  );
  writeFileSync(path.join(STAGE, "package.json"), JSON.stringify(Object.fromEntries(shipped), null, 2));
}

/** Packs an extension's folder as it is. */
export async function pack(folder, vsix, ...options) {
  await must(
    [
      process.execPath,
      path.join(ROOT, "node_modules", "@vscode", "vsce", "vsce"),
      "package",
      "--no-dependencies",
      ...options,
      "--out",
      vsix,
      "--no-rewrite-relative-links",
      "--allow-missing-repository",
      "--skip-license",
      // The scan for secrets takes minutes over thousands of stubs. What is packed is listed above.
      "--allow-package-all-secrets",
      "--allow-package-env-file",
    ],
    { cwd: folder },
  );
}

/** Names and versions out of server/requirements.txt, whatever Python each is meant for. */
function readRequirements(target) {
  const file = path.join(ROOT, "server", "requirements.txt");
  const pins = readFileSync(file, "utf8").matchAll(/^([A-Za-z0-9._-]+)==([^\s;\\]+)/gm);
  return [...pins]
    .map(([, name, version]) => ({ name, version }))
    .filter(({ name }) => !UNUSED.has(name.toLowerCase()))
    .filter(({ name }) => target !== UNIVERSAL || !NATIVE.has(name));
}

/** Gets the wheels that are not in the cache yet, and returns the paths of all. */
async function download(requirements, target) {
  const pip = [
    venvProgram("python"),
    "-m",
    "pip",
    "--disable-pip-version-check",
    "--no-input",
    "download",
    "--quiet",
    "--no-deps",
    "--only-binary=:all:",
  ];
  const wheels = [];
  const get = async (folder, { name, version }, ...options) => {
    const found = () => {
      const start = `${name.replace(/[-_.]+/g, "_")}-${version}-`.toLowerCase();
      const files = existsSync(folder) ? readdirSync(folder) : [];
      return files.find((file) => file.toLowerCase().startsWith(start) && file.endsWith(".whl"));
    };
    if (!found()) await must([...pip, ...options, "--dest", folder, `${name}==${version}`]);
    const wheel = found();
    if (!wheel) throw new Refusal(`pip did not bring ${name} ${version} to ${folder}.`);
    wheels.push(path.join(folder, wheel));
  };
  for (const requirement of requirements) {
    if (NATIVE.has(requirement.name)) {
      for (const python of PYTHONS) {
        const abi = `cp${python.replace(".", "")}`;
        const tags = PLATFORMS[target].flatMap((tag) => ["--platform", tag]);
        await get(
          path.join(WHEELS, target, abi),
          requirement,
          "--implementation",
          "cp",
          "--python-version",
          python,
          "--abi",
          abi,
          ...tags,
        );
      }
    } else {
      // Some packages come both compiled and pure; the pure one runs on every Python.
      const pure = [
        "--implementation",
        "py",
        "--python-version",
        PYTHONS[0],
        "--abi",
        "none",
        "--platform",
        "any",
      ];
      await get(path.join(WHEELS, "any"), requirement, ...pure);
    }
  }
  return wheels;
}

// Tests, byte code and what only pip reads are left out; metadata stays, since packages read their own version from it.
const UNPACK = `
import pathlib, sys, zipfile
home, *wheels = sys.argv[1:]
# Stubs of some hundred packages: nothing that builds on AutoGen has its types from them.
UNUSED = "jedi/third_party/typeshed/stubs/"
for wheel in wheels:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            parts = pathlib.PurePosixPath(name).parts
            if name.startswith(UNUSED) or "tests" in parts or "__pycache__" in parts or name.endswith((".pyc", "/RECORD", "/WHEEL")):
                continue
            archive.extract(name, home)
`;

/** Imports what was bundled, with nothing else in reach. */
async function tryOut(target) {
  const native = target === UNIVERSAL ? "" : "libcst.native, ";
  const code =
    "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True; " +
    `import jedi, ${native}packaging, pygls.lsp.server, callscope`;
  await must([venvProgram("python"), "-I", "-S", "-B", "-c", code, BUNDLED]);
}

/** What an earlier run has left would be tried as well. */
function removePackages() {
  const dist = path.join(ROOT, "dist");
  for (const name of existsSync(dist) ? readdirSync(dist) : []) {
    if (/^callscope-.*\.(vsix|whl|gz)$/.test(name)) rmSync(path.join(dist, name));
  }
}

/** Opens what lies in dist/ and tries out what runs here. @returns the exit code */
async function tryPackages() {
  await setup();
  const { code } = await run([venvProgram("pytest"), "-rs", path.join("tests", "packages")]);
  return code;
}

const OPTIONS = {
  target: { type: "string" },
  all: { type: "boolean" },
  python: { type: "boolean" },
  pin: { type: "boolean" },
  test: { type: "boolean" },
};

if (isMain(import.meta.url)) {
  await main(async () => {
    const { values } = parseArgs({ options: OPTIONS });
    let targets = values.target?.split(",") ?? (values.python ? [] : [thisPlatform()]);
    if (values.all) targets = [...Object.keys(PLATFORMS), UNIVERSAL];
    if (values.test) removePackages();
    for (const target of targets) await packExtension(target, { pin: values.pin });
    if (values.python) await packPython();
    return values.test ? tryPackages() : 0;
  });
}
