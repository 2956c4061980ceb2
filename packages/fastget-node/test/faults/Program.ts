/** Programs of the tests in processes of their own, which have to end by themselves. */
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const start = (command: string, ...args: ReadonlyArray<string>): Effect.Effect<Ended> =>
  Effect.async<Ended>((resume) => {
    const child = spawn(command, args)
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (data) => stdout += String(data))
    child.stderr.on("data", (data) => stderr += String(data))
    child.once("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => void child.kill("SIGKILL"))
  })

const fileOf = (name: string) => fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url))

/** Runs `programs/<name>.mjs`. */
export const run = (name: string, ...args: ReadonlyArray<string>): Effect.Effect<Ended> =>
  start(process.execPath, fileOf(name), ...args)

/** The same, with no more than so many file descriptors. */
export const runWithDescriptors = (
  descriptors: number,
  name: string,
  ...args: ReadonlyArray<string>
): Effect.Effect<Ended> =>
  start("sh", "-c", `ulimit -n ${descriptors}; exec "$0" "$@"`, process.execPath, fileOf(name), ...args)
