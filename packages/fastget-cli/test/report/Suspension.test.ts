/**
 * The terminal after every way out of a run, and while it is suspended: the
 * cursor is there, no part of the display is left in the way of what others
 * write, and the modes are as they were.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Process from "../support/Process.js"
import * as Terminal from "../support/Terminal.js"
import { within } from "../support/Within.js"

const bar = "─"

const isDrawn = (screen: ReadonlyArray<string>) =>
  screen.some((line) => line.includes(bar) && / [1-9]\d* of /.test(line))

/** URLs whose answers take a while. */
const setUp = (count: number) =>
  Effect.gen(function*() {
    const server = yield* LoopbackServer.make((request, response) => {
      setTimeout(() => LoopbackServer.echoPath(request, response), 50)
    })
    const cwd = yield* Process.folder
    const urls = Array.from({ length: count }, (_, index) => `${server.url}/${index + 1}\n`)
    Fs.writeFileSync(Path.join(cwd, "urls.txt"), urls.join(""))
    return { cwd }
  })

const args = ["urls.txt", "-o", "out.ndjson", "--connections-per-origin", "4", "--concurrency", "8"]

/** Lines that the display is made of. */
const drawn = (screen: ReadonlyArray<string>) => screen.filter((line) => /─|━/.test(line))

const pidOf = (cwd: string) =>
  JSON.parse(Fs.readFileSync(Path.join(cwd, "out.ndjson.lock"), "utf8")).fastget.pid as number

describe.skipIf(Terminal.skipReason !== undefined)(`the terminal${Terminal.skipReason ?? ""}`, () => {
  it.scopedLive(
    "is the shell's while a run is suspended or in the background, and drawn on again in the foreground",
    () =>
      Effect.gen(function*() {
        const { cwd } = yield* setUp(4000)
        const terminal = yield* Terminal.shell({ cwd, columns: 200, rows: 40 })
        const shows = (text: string) =>
          Terminal.waitFor(terminal, (screen) => screen.some((line) => line.includes(text)))
        const type = (line: string) => Effect.sync(() => terminal.press(`${line}\r`))
        yield* Terminal.waitFor(terminal, (screen) => screen.at(-1)?.startsWith("$") === true)
        yield* type(`stty -a > before; ${Terminal.commandLine(args)}`)
        yield* Terminal.waitFor(terminal, isDrawn)
        expect(terminal.isCursorVisible()).toBe(false)
        terminal.press("\u001A")
        const stopped = yield* shows("Stopped")
        expect(drawn(stopped)).toEqual([])
        expect(terminal.isCursorVisible()).toBe(true)
        yield* type("stty -a > during; echo one-$((1+1))")
        yield* shows("one-2")
        yield* type("bg; echo two-$((1+1))")
        yield* shows("two-2")
        const size = () => Fs.statSync(Path.join(cwd, "out.ndjson")).size
        const before = size()
        yield* within(15_000, "the run goes on", () => size() > before + 2000)
        expect(drawn(yield* terminal.screen)).toEqual([])
        expect(terminal.isCursorVisible()).toBe(true)
        yield* type("fg")
        const again = yield* Terminal.waitFor(terminal, isDrawn)
        // Nothing that was written meanwhile has been taken away.
        for (const text of ["Stopped", "one-2", "two-2"]) expect(again.join("\n")).toContain(text)
        expect(drawn(again)).toHaveLength(1)
        terminal.press("\u001A")
        yield* Terminal.waitFor(terminal, (screen) => screen.filter((line) => line.includes("Stopped")).length === 2)
        yield* type("fg")
        yield* Terminal.waitFor(terminal, isDrawn)
        terminal.press("\u0003")
        yield* shows("go on with")
        yield* type("stty -a > after; cmp before during && cmp before after && echo same-$((1+1))")
        const end = yield* shows("same-2")
        expect(drawn(end)).toEqual([])
        expect(terminal.isCursorVisible()).toBe(true)
        Process.lines(Fs.readFileSync(Path.join(cwd, "out.ndjson"), "utf8"))
      }),
    120_000
  )

  it.scopedLive(
    "is left with a cursor and without the display by every signal that ends a run",
    () =>
      Effect.gen(function*() {
        for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129], ["SIGINT", 130]] as const) {
          const { cwd } = yield* setUp(2000)
          const terminal = yield* Terminal.fastget(args, { cwd, columns: 200 })
          yield* Terminal.waitFor(terminal, isDrawn)
          process.kill(pidOf(cwd), signal)
          expect(yield* terminal.ended).toBe(code)
          const screen = yield* terminal.screen
          expect(drawn(screen)).toEqual([])
          expect(screen.join("\n")).toMatch(/go on with/)
          expect(terminal.isCursorVisible()).toBe(true)
        }
      }),
    120_000
  )

  it.scopedLive(
    "is left so by an output that fails, a reader that goes, and an exception that nobody catches",
    () =>
      Effect.gen(function*() {
        const { cwd } = yield* setUp(4000)
        Fs.writeFileSync(
          Path.join(cwd, "throw.mjs"),
          `import * as Fs from "node:fs"
         import { isMainThread } from "node:worker_threads"
         if (isMainThread) {
           setInterval(() => { if (Fs.existsSync("now")) throw new Error("thrown by nobody") }, 20).unref()
         }`
        )
        const line = Terminal.commandLine([])
        const cases: ReadonlyArray<readonly [line: string, then: string, shown: string]> = [
          [`ulimit -f 8; ${line} ${args.join(" ")} --overwrite`, "", "file too large"],
          [`${line} urls.txt | head -200 > /dev/null`, "", ""],
          [`NODE_OPTIONS=--import=./throw.mjs ${line} ${args.join(" ")} --overwrite`, "now", "thrown by nobody"]
        ]
        for (const [line, then, shown] of cases) {
          const terminal = yield* Terminal.shell({ cwd, columns: 200, rows: 60 })
          yield* Terminal.waitFor(terminal, (screen) => screen.at(-1)?.startsWith("$") === true)
          terminal.press(`(${line}); echo ended-$((1+1))\r`)
          yield* Terminal.waitFor(terminal, () => terminal.written().includes(bar))
          if (then !== "") Fs.writeFileSync(Path.join(cwd, then), "")
          const screen = yield* Terminal.waitFor(terminal, (screen) => screen.some((line) => line.includes("ended-2")))
          expect({ line, drawn: drawn(screen), screen }).toMatchObject({ drawn: [] })
          expect(screen.join("\n")).toContain(shown)
          expect(terminal.isCursorVisible()).toBe(true)
          // What comes next is on a line of its own.
          expect(screen.some((line) => line.startsWith("ended-2"))).toBe(true)
        }
      }),
    120_000
  )
})
