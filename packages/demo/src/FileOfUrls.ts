/**
 * The command `fastget` at work: a file with a URL a line goes in, a file with
 * the JSON of each comes out. It counts the lines that succeeded.
 */
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { createRequire } from "node:module"
import * as Path from "node:path"

const program = Path.join(
  Path.dirname(createRequire(import.meta.url).resolve("fastget-cli/package.json")),
  "dist/main.js"
)

export const fetch = (count: number, url: (n: number) => string) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const folder = yield* files.makeTempDirectoryScoped({ prefix: "fastget-demo-" })
    const input = Path.join(folder, "urls.txt")
    const output = Path.join(folder, "out.ndjson")
    yield* files.writeFileString(input, Array.from({ length: count }, (_, n) => `${url(n + 1)}\n`).join(""))
    const command = Command.make(process.execPath, program, input, "--output", output).pipe(Command.stderr("inherit"))
    yield* Command.exitCode(command)
    const lines = (yield* files.readFileString(output)).split("\n")
    return lines.filter((line) => line.includes(",\"ok\":true,")).length
  })
