/**
 * Processes. Each is the leader of a group of its own, and its scope ends the
 * whole group: nothing that the benchmark starts outlives it.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import { BenchError } from "./BenchError.js"

export interface Options {
  readonly env?: Readonly<Record<string, string>>
  /** Whether it exchanges messages with this process; default false. */
  readonly ipc?: boolean
}

export interface Child {
  readonly process: ChildProcess
  /** What it has written so far. */
  readonly output: () => { readonly stdout: string; readonly stderr: string }
  /** Waits for its end; gives the exit code, or the signal's name. */
  readonly ended: Effect.Effect<number | string>
}

export const start = (
  command: string,
  args: ReadonlyArray<string>,
  options: Options = {}
): Effect.Effect<Child, BenchError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Child, BenchError>((resume) => {
      const child = spawn(command, args, {
        detached: true,
        env: { ...process.env, ...options.env },
        stdio: ["ignore", "pipe", "pipe", ...(options.ipc === true ? ["ipc" as const] : [])]
      })
      const stdout = collect(child.stdout!)
      const stderr = collect(child.stderr!)
      const ended = new Promise<number | string>((resolve) =>
        child.once("close", (code, signal) => resolve(code ?? signal ?? "no code"))
      )
      child.once(
        "error",
        (error) => resume(new BenchError({ message: `${command} can't be started: ${error.message}` }))
      )
      child.once("spawn", () =>
        resume(Effect.succeed({
          process: child,
          output: () => ({ stdout: stdout(), stderr: stderr() }),
          ended: Effect.promise(() => ended)
        })))
    }),
    (child) =>
      Effect.sync(() => kill(child.process, "SIGTERM")).pipe(
        Effect.zipRight(Effect.timeout(Effect.interruptible(child.ended), endWithin)),
        Effect.ignore,
        // Whoever is left of the group, also after a good end of its leader.
        Effect.zipRight(Effect.sync(() => kill(child.process, "SIGKILL"))),
        Effect.zipRight(child.ended)
      )
  )

/** Runs a process to its end, and fails unless that is a good one within so many milliseconds. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  limit: number,
  options?: Options
): Effect.Effect<string, BenchError> =>
  Effect.scoped(Effect.gen(function*() {
    const child = yield* start(command, args, options)
    const end = yield* Effect.timeoutFail(child.ended, {
      duration: limit,
      onTimeout: () => new BenchError({ message: `${command} ${args[0]} did not end within ${limit / 1000} s` })
    })
    const { stderr, stdout } = child.output()
    if (end === 0) return stdout
    return yield* new BenchError({ message: `${command} ${args[0]} ended with ${end}: ${stderr.slice(-2000)}` })
  }))

/** The next message of a process that was started with `ipc`. */
export const message = <A>({ process }: Child): Effect.Effect<A, BenchError> =>
  Effect.async<A, BenchError>((resume) => {
    const listener = (message: unknown) => resume(Effect.succeed(message as A))
    process.once("message", listener)
    return Effect.sync(() => process.off("message", listener))
  }).pipe(Effect.timeoutFail({
    duration: 10_000,
    onTimeout: () => new BenchError({ message: "The server does not answer" })
  }))

/** Keeps the end of what is written. */
const collect = (stream: NodeJS.ReadableStream): () => string => {
  const most = 64 * 1024
  let text = ""
  stream.setEncoding("utf8").on("data", (part: string) => {
    text = (text + part).slice(-most)
  })
  return () => text
}

/** How long, in milliseconds, processes have to end by themselves. */
const endWithin = 1000

const kill = (child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void => {
  try {
    process.kill(-child.pid!, signal)
  } catch {
    // The group has ended.
  }
}
