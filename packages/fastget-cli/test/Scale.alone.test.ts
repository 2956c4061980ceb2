/**
 * A file of many lines: every id comes out with its own JSON, in a memory that
 * does not grow with the file, at nearly the rate of the library itself.
 * `SCALE_LINES=1000000` runs it in full size.
 */
import { expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Readline from "node:readline"
import { folder, startFastget } from "./support/Process.js"

const size = Number(process.env["SCALE_LINES"] ?? 20_000)

const writeLines = (file: string, url: string) => {
  const step = 10_000
  for (let from = 1; from <= size; from += step) {
    const count = Math.min(step, size - from + 1)
    Fs.appendFileSync(file, Array.from({ length: count }, (_, n) => `${url}/${from + n}\n`).join(""))
  }
}

/** Each id and its JSON; what is wrong is thrown. */
const checkOutput = async (file: string) => {
  const seen = new Uint8Array(size + 1)
  let count = 0
  for await (const text of Readline.createInterface(Fs.createReadStream(file))) {
    const { id, json, ok } = JSON.parse(text)
    if (ok !== true || json.path !== `/${id}` || seen[id] !== 0) throw new Error(text)
    seen[id] = 1
    count++
  }
  return count
}

/** The memory of a process, in MiB, again and again until it ends. */
const watchMemory = (pid: number) =>
  Effect.gen(function*() {
    const all: Array<number> = []
    const look = Effect.sync(() => {
      const file = `/proc/${pid}/status`
      const text = Fs.existsSync(file) ? Fs.readFileSync(file, "utf8") : ""
      const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? 0)
      if (kilobytes > 0) all.push(kilobytes / 1024)
    })
    yield* Effect.forkScoped(Effect.forever(Effect.delay(look, 50)))
    return () => all
  })

const libraryRate = (url: string) =>
  Effect.gen(function*() {
    const entries = Stream.map(Stream.range(1, size), (n) => [n, `${url}/${n}`] as const)
    const at = performance.now()
    const count = yield* Stream.runCount(FastGet.streamEither(entries))
    return count / (performance.now() - at) * 1000
  }).pipe(Effect.provide(NodeFastGet.layer({ logLevel: "None" })))

it.scopedLive(
  `${size} lines come out as ${size} outcomes, in bounded memory, at the library's rate`,
  () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      const path = yield* folder
      const input = Path.join(path, "urls.txt")
      const output = Path.join(path, "out.ndjson")
      const summary = Path.join(path, "summary.json")
      writeLines(input, url)
      const { child, ended } = yield* startFastget(["-q", input, "-o", output, "--summary", summary])
      const memory = yield* watchMemory(child.pid!)
      expect(yield* ended).toEqual({ code: 0, stdout: "", stderr: "" })
      expect(yield* Effect.promise(() => checkOutput(output))).toBe(size)
      const megabytes = memory()
      if (megabytes.length > 0) expect(Math.max(...megabytes)).toBeLessThan(600)
      const { rate } = JSON.parse(Fs.readFileSync(summary, "utf8")) as { readonly rate: number }
      const library = yield* libraryRate(url)
      const later = megabytes.slice(Math.floor(megabytes.length / 2))
      yield* Effect.log(
        `${size} lines: ${Math.round(rate)}/s, the library ${Math.round(library)}/s; memory ${
          Math.round(Math.min(...later))
        } to ${Math.round(Math.max(...later))} MiB`
      )
      // In the small size most of the time is the start; only the full one says how fast it is.
      expect(rate / library).toBeGreaterThan(size >= 100_000 ? 0.85 : 0.2)
      if (size >= 100_000) expect(Math.max(...later) / Math.min(...later)).toBeLessThan(1.4)
    }),
  60_000 + size
)
