/** `fastget runner` as a process, which its scope kills. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import * as Path from "node:path"

const program = Path.join(
  Path.dirname(createRequire(import.meta.url).resolve("fastget-cli/package.json")),
  "dist/main.js"
)

export interface RunnerProcess {
  /** Where it says that it is reached. */
  readonly address: string
  readonly kill: () => void
  /** Whether it has ended by SIGKILL. */
  readonly isKilled: () => boolean
}

/** Ready when it has joined the cluster. */
export const start = (database: string): Effect.Effect<RunnerProcess, never, Scope.Scope> =>
  Effect.gen(function*() {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [program, "runner", "--host", "127.0.0.1", "--num-workers", "1"], {
          env: { ...process.env, FASTGET_CLUSTER: database },
          stdio: ["ignore", "ignore", "pipe"]
        })
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const address = yield* Effect.async<string>((resume) => {
      let said = ""
      child.stderr.setEncoding("utf8").on("data", (part: string) => {
        said += part
        const [, found] = /joined \S+ as (\S+)\n/.exec(said) ?? []
        if (found !== undefined) resume(Effect.succeed(found))
      })
      child.once("exit", (code) => resume(Effect.dieMessage(`A runner ended with ${code}: ${said}`)))
    })
    return { address, kill: () => void child.kill("SIGKILL"), isKilled: () => child.signalCode === "SIGKILL" }
  })
