import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Source from "../../src/input/Source.js"
import { folder, shell } from "../support/Process.js"

const readAll = ({ read }: Source.Source) =>
  Effect.gen(function*() {
    let size = 0
    for (let bytes = yield* read; bytes !== undefined; bytes = yield* read) size += bytes.length
    return size
  })

/** Lets the event loop turn, as it does where a stream closes what it has. */
const turns = Effect.repeatN(Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void))), 50)

const withFifos = it.scopedLive.skipIf(process.platform === "win32")

withFifos("a FIFO is closed once: what gets its number after that stays open", () =>
  Effect.gen(function*() {
    const path = yield* folder
    yield* shell("mkfifo fifo", { cwd: path })
    const fifo = Path.join(path, "fifo")
    for (let n = 0; n < 10; n++) {
      const others = yield* Effect.scoped(Effect.gen(function*() {
        Fs.createWriteStream(fifo).end("http://127.0.0.1/\n")
        expect(yield* readAll(yield* Source.open(fifo))).toBe(18)
        yield* turns
        return Array.from({ length: 20 }, () => Fs.openSync(path, "r"))
      }))
      yield* turns
      for (const other of others) {
        expect(Fs.fstatSync(other).isDirectory()).toBe(true)
        Fs.closeSync(other)
      }
    }
  }))

/** Descriptors of the process that lead to a file; where there is no /proc it is not known, and none. */
const opened = (file: string): number =>
  !Fs.existsSync("/proc/self/fd") ?
    0 :
    Fs.readdirSync("/proc/self/fd").filter((fd) =>
      Fs.existsSync(`/proc/self/fd/${fd}`) && Fs.readlinkSync(`/proc/self/fd/${fd}`) === file
    ).length

withFifos(
  "nothing stays open of a file or a FIFO that is read, in part or whole, or of one whose writer never came",
  () =>
    Effect.gen(function*() {
      const path = Fs.realpathSync(yield* folder)
      yield* shell("mkfifo fifo", { cwd: path })
      const fifo = Path.join(path, "fifo")
      const file = Path.join(path, "file")
      Fs.writeFileSync(file, "x".repeat(200_000))
      yield* Effect.scoped(Effect.flatMap(Source.open(file), ({ read }) => read))
      expect(yield* Effect.scoped(Effect.flatMap(Source.open(file), readAll))).toBe(200_000)
      const writer = Fs.createWriteStream(fifo)
      writer.on("error", () => {})
      writer.write("x")
      yield* Effect.scoped(Effect.flatMap(Source.open(fifo), ({ read }) => read))
      writer.destroy()
      // Interrupted while the thread that opens it waits.
      yield* Effect.timeout(Effect.scoped(Source.open(fifo)), 50).pipe(Effect.option)
      yield* turns
      expect([opened(file), opened(fifo)]).toEqual([0, 0])
    })
)
