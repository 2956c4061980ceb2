/**
 * Runs of the command in a folder, against a server that tells what it was
 * asked for.
 */
import * as Effect from "effect/Effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fastget, folder, lines } from "./Process.js"

/** A server that answers with the path, a folder, and runs in it that tell what was asked for. */
export const make = (statusOf: (path: string) => number = () => 200) =>
  Effect.gen(function*() {
    const asked: Array<string> = []
    const { url } = yield* LoopbackServer.make((request, response) => {
      asked.push(request.url!)
      response.statusCode = statusOf(request.url!)
      response.end(JSON.stringify(request.url))
    })
    const path = yield* folder
    const file = (name: string) => Path.join(path, name)
    const run = (args: ReadonlyArray<string>, stdin = "") =>
      Effect.suspend(() => {
        asked.length = 0
        return Effect.map(
          fastget(["--retry-times", "0", ...args], { cwd: path, stdin }),
          (ended) => ({ ...ended, asked: [...asked].sort() })
        )
      })
    const records = (name: string) => lines(Fs.readFileSync(file(name), "utf8"))
    return { url, path, file, run, records }
  })
