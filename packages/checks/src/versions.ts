/**
 * `npm run release:version`: the changesets become versions and changelogs, and are gone.
 * It is `changeset version`, but for one thing: below 1.0.0 a minor version is out
 * of the ranges of peers, and changesets makes 1.0.0 of every package then. The
 * packages have each other as peers and are released together, at one version, so
 * that their peers always move with them.
 */
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

/** What is published, always at one version. */
export const published: ReadonlyArray<string> = ["fastget", "fastget-node", "fastget-cluster", "fastget-cli"]

const peersOfGroup = /"(fastget(?:-\w+)?)": "workspace:[^"]*"/g

/** The part of a manifest that names peers. */
const peers = /"peerDependencies": \{[^}]*\}/

/** Gives the peers of the group another range. */
export const withPeers = (manifest: string, range: string): string =>
  manifest.replace(peers, (part) => part.replaceAll(peersOfGroup, `"$1": "workspace:${range}"`))

const changesets = fileURLToPath(new URL("../../../node_modules/@changesets/cli/bin.js", import.meta.url))

/** In a checkout of the repository. */
export const versionPackages = (root: string): void => {
  const manifests = published.map((name) => Path.join(root, "packages", name, "package.json"))
  const setPeers = (range: string): void => {
    for (const file of manifests) Fs.writeFileSync(file, withPeers(Fs.readFileSync(file, "utf8"), range))
  }
  setPeers(">=0.0.0")
  try {
    execFileSync(process.execPath, [changesets, "version"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
  } finally {
    setPeers("^")
  }
}

if (process.argv[1]?.endsWith("versions.js") === true) {
  versionPackages(fileURLToPath(new URL("../../../", import.meta.url)))
}
