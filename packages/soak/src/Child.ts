/** A program of this package in a process of its own, which sends messages. Its scope ends it. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ChildProcess } from "node:child_process"
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { SoakError } from "./SoakError.js"

export interface Child {
  readonly send: (message: string) => void
  readonly kill: (signal: NodeJS.Signals) => void
  /** The next message; fails if the process ends before it. */
  readonly message: Effect.Effect<unknown, SoakError>
  /** Waits for the end of the process. */
  readonly ended: Effect.Effect<void>
}

export const start = (
  program: "client" | "runner" | "server",
  argument: string
): Effect.Effect<Child, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      // From dist also where this runs from src, as in the tests.
      Effect.sync(() =>
        fork(fileURLToPath(new URL(`../dist/${program}-program.js`, import.meta.url)), [argument], { execArgv: [] })
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    ),
    (child) => ({
      send: (message) => void child.send(message),
      kill: (signal) => void child.kill(signal),
      message: next(child, program),
      ended: ended(child)
    })
  )

const next = (child: ChildProcess, program: string): Effect.Effect<unknown, SoakError> =>
  Effect.async((resume) => {
    const onMessage = (message: unknown) => resume(Effect.succeed(message))
    const onExit = (code: number | null, signal: string | null) =>
      resume(new SoakError({ message: `The ${program} ended with ${code ?? signal}` }))
    child.once("message", onMessage).once("exit", onExit)
    return Effect.sync(() => child.off("message", onMessage).off("exit", onExit))
  })

const ended = (child: ChildProcess): Effect.Effect<void> =>
  Effect.async((resume) => {
    const onExit = () => resume(Effect.void)
    if (child.exitCode !== null || child.signalCode !== null) return onExit()
    child.once("exit", onExit)
    return Effect.sync(() => child.off("exit", onExit))
  })
