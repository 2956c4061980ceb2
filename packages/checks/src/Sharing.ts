/**
 * Which files of tests run one after another in one thread, where the modules
 * they import are loaded once: those that start neither threads nor processes,
 * change nothing that belongs to the process, and measure no memory. All others
 * have a process each.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"

/** What a file imports or does that needs a process of its own. */
const ownProcess = new RegExp(
  [
    // Threads and processes, and modules that start them.
    "child_process|worker_threads|NodeFastGet|NodeFetchPool|(?:Sqlite|Postgres)Cluster|" +
    "support/(?:Process|Host|Terminal|Chromium|ClusterRefusals)|/support\\.js|/Threads\\.js|/Law\\.js",
    // What belongs to the process.
    "process\\.(?:chdir|exit|kill|on|off|once|emit|stdout|stderr|stdin)\\b|globalThis\\.",
    "memoryUsage|heapUsed|/Measure\\.js"
  ].join("|")
)

const testFile = /\.test\.ts$/
const aloneFile = /\.alone\.test\.ts$/

const filesBelow = (folder: string): ReadonlyArray<string> =>
  Fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = Path.join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === "node_modules" || entry.name === "dist" ? [] : filesBelow(path)
    return testFile.test(entry.name) && !aloneFile.test(entry.name) ? [path] : []
  })

/** The files of tests below a folder that can share a thread, as paths relative to it. */
export const sharing = (folder: string): ReadonlyArray<string> =>
  filesBelow(folder)
    .filter((path) => !ownProcess.test(Fs.readFileSync(path, "utf8")))
    .map((path) => Path.relative(folder, path).replaceAll("\\", "/"))
