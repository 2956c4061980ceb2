/**
 * The built command as a process of its own, and folders for its files.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import * as Host from "./Host.js"

export const bin = fileURLToPath(new URL("../../dist/main.js", import.meta.url))

export interface Options {
  readonly cwd?: string
  readonly stdin?: string | Buffer
  /** Whether stdin stays open after that, as it does where a program goes on writing. */
  readonly staysOpen?: boolean
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface Ended {
  /** The exit code, or the name of the signal. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  readonly ended: Effect.Effect<Ended>
}

const started = (child: ChildProcess): Running => {
  const parts = { stdout: "", stderr: "" }
  child.stdout?.setEncoding("utf8").on("data", (part: string) => parts.stdout += part)
  child.stderr?.setEncoding("utf8").on("data", (part: string) => parts.stderr += part)
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code: code ?? signal ?? "none", ...parts }))
  })
  return { child, stdout: () => parts.stdout, stderr: () => parts.stderr, ended: Effect.promise(() => ended) }
}

/** One thread, where a test asks for no other number: to start a second takes longer than most of these runs. */
const threads = { FASTGET_NUM_WORKERS: "1" }

const environment = (env: Options["env"]) => {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("FASTGET_"))
  return { ...Object.fromEntries(inherited), ...threads, NO_COLOR: "1", ...env }
}

/** Starts a program; its scope kills it. */
export const start = (
  command: string,
  args: ReadonlyArray<string>,
  { cwd, env, staysOpen, stdin }: Options = {}
): Effect.Effect<Running, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(command, args, { cwd, env: environment(env), stdio: ["pipe", "pipe", "pipe"] })
      // It may end before it has read all.
      child.stdin.on("error", () => {})
      if (staysOpen === true) child.stdin.write(stdin ?? "")
      else child.stdin.end(stdin ?? "")
      return started(child)
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** When so many whole lines have come out. */
export const linesOut = ({ child, stdout }: Running, count: number): Effect.Effect<void> =>
  Effect.async((resume) => {
    const look = () => {
      if (stdout().split("\n").length <= count) return
      child.stdout?.off("data", look)
      resume(Effect.void)
    }
    child.stdout?.on("data", look)
    look()
  })

/** Starts `fastget`. */
export const startFastget = (args: ReadonlyArray<string>, options?: Options) =>
  start(process.execPath, [bin, ...args], options)

/** Runs `fastget` to its end, in a process of its own. */
export const fastgetApart = (args: ReadonlyArray<string>, options?: Options): Effect.Effect<Ended> =>
  Effect.scoped(Effect.flatMap(startFastget(args, options), ({ ended }) => ended))

/** What Node reads when a process starts. */
const readAtStart = /^(?:NODE|SSL)_/

/** Runs `fastget` to its end, in a process that has the command loaded, where such a one can run it. */
export const fastget = (args: ReadonlyArray<string>, options: Options = {}): Effect.Effect<Ended> =>
  !Host.isSupported || options.staysOpen === true ||
    Object.keys(options.env ?? {}).some((name) => readAtStart.test(name))
    ? fastgetApart(args, options)
    : Host.run({
      args,
      cwd: options.cwd ?? process.cwd(),
      env: environment(options.env),
      stdin: options.stdin ?? ""
    })

/** Runs a line of the shell, where `fastget` is the command. */
export const shell = (line: string, options?: Options): Effect.Effect<Ended> =>
  Effect.scoped(
    Effect.flatMap(
      start("bash", ["-c", `fastget() { "${process.execPath}" "${bin}" "$@"; }\n${line}`], options),
      ({ ended }) => ended
    )
  )

/** A folder that goes with the scope. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "fastget-cli-"))),
  (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true, force: true }))
)

/** A record of NDJSON output. */
export interface Line {
  readonly id: number | string | null
  readonly line?: number
  /** A bad row has none. */
  readonly url?: string
  readonly ok: boolean
  readonly status?: number
  readonly json?: unknown
  readonly file?: string
  readonly error?: { readonly reason: string; readonly message: string; readonly status?: number }
}

/** The records of NDJSON; a defect if one of them is not whole. */
export const lines = (text: string): ReadonlyArray<Line> => {
  if (text !== "" && !text.endsWith("\n")) throw new Error(`the last line is not whole: ${text.slice(-100)}`)
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line) as Line)
}

/** An order for comparing: of ids, and of lines for those that have none. */
export const sorted = (all: ReadonlyArray<Line>): ReadonlyArray<Line> => {
  const key = ({ id, line }: Line) => `${typeof id} ${String(id).padStart(12)} ${String(line ?? "").padStart(12)}`
  return [...all].sort((a, b) => key(a) < key(b) ? -1 : 1)
}
