/**
 * A dry run of the release: `npm run release:dry`. In a copy of the repository
 * the changesets become versions and changelogs; the packages are packed there,
 * looked at by publint and attw, and installed elsewhere with plain npm, where
 * each of their exports is imported. Nothing is published, and the repository
 * stays as it is: its changesets are used up by the release itself only.
 * What is packed is the build that is there.
 */
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { published as names, versionPackages } from "./versions.js"

interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly packageManager?: string
  readonly homepage?: string
  readonly keywords?: ReadonlyArray<string>
  readonly bugs?: { readonly url: string }
  readonly repository?: { readonly url: string; readonly directory: string }
}

const root = fileURLToPath(new URL("../../../", import.meta.url))
const version = "0.1.0"

/** In a published package beside what it runs. */
const documents = ["AGENTS.md", "CHANGELOG.md", "LICENSE", "README.md"]

/** Files of `fastget-node` that are run in a thread, and do nothing elsewhere. */
const threads = new Set(["fastget-node/worker"])

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** By a shell: npm and npx are scripts on Windows. What it prints is told where it fails. */
const run = (folder: string, line: string): string => {
  try {
    return execFileSync(line, {
      cwd: folder,
      encoding: "utf8",
      shell: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, npm_config_prefer_offline: "true", npm_config_audit: "false", npm_config_fund: "false" }
    })
  } catch (error) {
    const { stderr, stdout } = error as { readonly stderr?: string; readonly stdout?: string }
    throw new Error(`${line}\n${stdout ?? ""}${stderr ?? ""}`, { cause: error })
  }
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(Fs.readFileSync(Path.join(folder, "package.json"), "utf8")) as Manifest

const check = (isSo: boolean, otherwise: string): void => {
  if (!isSo) throw new Error(otherwise)
}

/** A clone with what is not committed yet, the build, and links between the packages in place of an install. */
const copyInto = (folder: string): string => {
  const copy = Path.join(folder, "fastget")
  run(folder, `git clone --quiet "${root}" fastget`)
  const changes = Path.join(folder, "changes.patch")
  run(root, `git diff --binary --output="${changes}" HEAD`)
  run(copy, `git apply --allow-empty "${changes}"`)
  for (const name of names) {
    const there = Path.join(copy, "packages", name)
    Fs.cpSync(Path.join(root, "packages", name, "dist"), Path.join(there, "dist"), { recursive: true })
    Fs.mkdirSync(Path.join(there, "node_modules"))
    for (const other of [...names, "loopback"]) {
      Fs.symlinkSync(Path.join(copy, "packages", other), Path.join(there, "node_modules", other), "junction")
    }
  }
  return copy
}

/** What is made of the changesets. */
const versionAll = (copy: string): void => {
  const changesets = Fs.readdirSync(Path.join(copy, ".changeset")).filter((name) => name.endsWith(".md"))
  check(changesets.length > 0, "There are no changesets")
  versionPackages(copy)
  const left = Fs.readdirSync(Path.join(copy, ".changeset")).filter((name) => name.endsWith(".md"))
  check(left.length === 0, `There are left ${left.join(", ")}`)
  for (const name of names) {
    const folder = Path.join(copy, "packages", name)
    check(manifestOf(folder).version === version, `${name} becomes ${manifestOf(folder).version}, not ${version}`)
    const log = Fs.readFileSync(Path.join(folder, "CHANGELOG.md"), "utf8")
    check(log.startsWith(`# ${name}\n\n## ${version}\n`), `The changelog of ${name} does not begin with ${version}`)
  }
  say(`${changesets.length} changesets make ${version}`)
}

/** Tarballs, each without a fault that publint or attw knows. */
const packAll = (copy: string, folder: string): void => {
  const { packageManager } = manifestOf(root)
  run(copy, `npx --yes ${packageManager} -r --filter "./packages/fastget*" pack --out "${Path.join(folder, "%s.tgz")}"`)
  for (const name of names) {
    const tarball = Path.join(folder, `${name}.tgz`)
    run(root, `npx publint run "${tarball}" --strict`)
    if (Object.keys(manifestOf(Path.join(copy, "packages", name)).exports).length > 1) {
      run(root, `npx attw "${tarball}" --profile esm-only`)
    }
  }
  say(`${names.length} packages are packed, without a fault`)
}

/** Installed by npm with the peers in their ranges. */
const installAll = (copy: string, folder: string): string => {
  const elsewhere = Path.join(folder, "elsewhere")
  Fs.mkdirSync(elsewhere)
  Fs.writeFileSync(Path.join(elsewhere, "package.json"), "{ \"private\": true, \"type\": \"module\" }\n")
  const peers = Object.entries(
    Object.assign({}, ...names.map((name) => manifestOf(Path.join(copy, "packages", name)).peerDependencies)) as Record<
      string,
      string
    >
  ).filter(([name]) => !names.includes(name)).map(([name, range]) => `"${name}@${range}"`)
  // A database's own code would be compiled by its script; nothing here opens one.
  run(elsewhere, `npm install --ignore-scripts ${[...peers, ...names.map((name) => `../${name}.tgz`)].join(" ")}`)
  for (const name of names) {
    const installed = Path.join(elsewhere, "node_modules", name)
    check(!/workspace:|catalog:/.test(JSON.stringify(manifestOf(installed))), `${name} has a range of the workspace`)
    const { bugs, homepage, keywords = [], repository } = manifestOf(installed)
    check(
      repository?.directory === `packages/${name}` && repository.url.endsWith(".git") && homepage !== undefined &&
        bugs !== undefined && keywords.length > 5,
      `${name} does not say where it is from: repository, homepage, bugs, keywords`
    )
    const missing = documents.filter((file) => !Fs.existsSync(Path.join(installed, file)))
    check(missing.length === 0, `${name} has no ${missing.join(", ")}`)
  }
  return elsewhere
}

/** What can be imported of a package: its exports, and each module that `./*` stands for. */
const exportsOf = (name: string, installed: string): ReadonlyArray<string> =>
  Object.keys(manifestOf(installed).exports).flatMap((entry) => {
    if (entry === ".") return [name]
    if (entry !== "./*") return []
    return Fs.readdirSync(Path.join(installed, "dist"))
      .filter((file) => file.endsWith(".js") && file !== "index.js")
      .map((file) => `${name}/${file.slice(0, -".js".length)}`)
  }).filter((specifier) => !threads.has(specifier))

const importing = `
const [specifiers, closed] = JSON.parse(process.argv[2])
for (const specifier of specifiers) {
  if (Object.keys(await import(specifier)).length === 0) throw new Error(specifier + " exports nothing")
}
for (const specifier of closed) {
  const code = await import(specifier).then(() => "imported", (error) => error.code)
  if (code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw new Error(specifier + ": " + code)
}
`

const importAll = (elsewhere: string): void => {
  const specifiers = names.flatMap((name) => exportsOf(name, Path.join(elsewhere, "node_modules", name)))
  Fs.writeFileSync(Path.join(elsewhere, "importing.mjs"), importing)
  const closed = ["fastget/internal/run/Run"]
  execFileSync(process.execPath, ["importing.mjs", JSON.stringify([specifiers, closed])], { cwd: elsewhere })
  check(run(elsewhere, "npx fastget --version").includes(version), "The command does not say its version")
  say(`${specifiers.length} exports are imported`)
}

const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "fastget-release-"))
try {
  const copy = copyInto(folder)
  versionAll(copy)
  packAll(copy, folder)
  importAll(installAll(copy, folder))
  say("a release could be made")
} finally {
  Fs.rmSync(folder, { recursive: true, force: true })
}
