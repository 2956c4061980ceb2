/**
 * A real Postgres for tests: a server of its own on a free port, with its data in
 * a folder of its own, both gone when the scope closes. Debian's package has the
 * programs; they refuse to run as root, so that as root they run as `postgres`.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { execFileSync, spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"

const folders = "/usr/lib/postgresql"

/** Where `initdb` and `pg_ctl` are, if they are installed. */
export const programs = (): string | undefined => {
  const versions = Fs.existsSync(folders) ? Fs.readdirSync(folders) : []
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  return newest === undefined ? undefined : Path.join(folders, newest, "bin")
}

/** Why tests that need a Postgres are skipped, or `false`. In CI they never are. */
export const isMissing: string | false = programs() === undefined && process.env["CI"] === undefined
  ? "Postgres is not installed (Debian: apt-get install postgresql)"
  : false

export interface Postgres {
  readonly url: string
  /** Stops the server as a crash would, or cleanly, and starts it. */
  readonly stop: () => void
  readonly start: () => void
}

const isRoot = process.getuid?.() === 0

/** Runs a program of Postgres. */
const run = (program: string, ...args: ReadonlyArray<string>): void => {
  const path = Path.join(programs() ?? "", program)
  const [command, all] = isRoot ? ["runuser", ["-u", "postgres", "--", path, ...args]] : [path, args]
  execFileSync(command!, all as Array<string>, { stdio: ["ignore", "ignore", "pipe"], cwd: Os.tmpdir() })
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = Net.createServer().once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as Net.AddressInfo
      server.close(() => resolve(port))
    })
  })

/** A server with an empty database. */
export const make: Effect.Effect<Postgres, never, Scope.Scope> = Effect.gen(function*() {
  const port = yield* Effect.promise(freePort)
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
