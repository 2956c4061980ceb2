/**
 * A real Postgres for tests and the demo: a server of its own on a free port,
 * with its data in a folder of its own, both gone when the scope closes. Its
 * programs refuse to run as root, so that as root they run as `postgres`.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { execFileSync, spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as DeadPort from "./DeadPort.js"

/** Where Debian's package has its versions; it puts none of the two programs on the path. */
const ofDebian = "/usr/lib/postgresql"

/** Where `initdb` and `pg_ctl` are, if they are installed. */
export const programs = (): string | undefined => {
  const versions = Fs.existsSync(ofDebian) ? Fs.readdirSync(ofDebian) : []
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a)).map((version) =>
    Path.join(ofDebian, version, "bin")
  )
  const path = (process.env["PATH"] ?? "").split(Path.delimiter)
  return [...newestFirst, ...path].find((folder) =>
    ["initdb", "pg_ctl"].every((program) => Fs.existsSync(Path.join(folder, program)))
  )
}

/** What is missing where no Postgres can be started, and how to get it; undefined where nothing is. */
export const problem = (): string | undefined =>
  process.platform === "win32"
    ? "Postgres is started on Linux and macOS only"
    : programs() === undefined
    ? "Postgres is not installed: its programs initdb and pg_ctl are neither in /usr/lib/postgresql nor on the path. " +
      "Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql"
    : undefined

/** Why tests that need a Postgres are skipped, or `false`. In CI they never are. */
export const isMissing: string | false = process.env["CI"] === undefined && problem() || false

export interface Postgres {
  readonly url: string
  /** Stops the server as a crash would. */
  readonly stop: () => void
  /** Starts it again. */
  readonly start: () => void
}

const isRoot = process.getuid?.() === 0

/** Runs a program of Postgres. */
const run = (program: string, ...args: ReadonlyArray<string>): void => {
  const path = Path.join(programs() ?? "", program)
  const [command, all] = isRoot ? ["runuser", ["-u", "postgres", "--", path, ...args]] : [path, args]
  execFileSync(command!, all as Array<string>, { stdio: ["ignore", "ignore", "pipe"], cwd: Os.tmpdir() })
}

/** A server with an empty database. */
export const make: Effect.Effect<Postgres, never, Scope.Scope> = Effect.gen(function*() {
  const port = yield* DeadPort.closed
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "fastget-postgres-"))
  if (isRoot) spawnSync("chown", ["postgres", folder])
  const data = Path.join(folder, "data")
  yield* Effect.addFinalizer(() => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true })))
  run("initdb", "-D", data, "-U", "fastget", "-A", "trust", "-N", "--no-instructions")
  const start = () =>
    run(
      "pg_ctl",
      "-D",
      data,
      "-w",
      "-l",
      Path.join(folder, "log"),
      "-o",
      `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off`,
      "start"
    )
  const stop = () => run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
  start()
  yield* Effect.addFinalizer(() => Effect.sync(() => Fs.existsSync(Path.join(data, "postmaster.pid")) && stop()))
  return { url: `postgres://fastget@127.0.0.1:${port}/postgres`, start, stop }
})
