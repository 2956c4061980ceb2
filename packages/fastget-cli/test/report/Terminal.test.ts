import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { LoopbackServer, Ticks } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Process from "../support/Process.js"
import * as Terminal from "../support/Terminal.js"

const escape = "\u001B["
const bar = "─"

/** A folder with so many URLs of a server that answers after a while, once its gate is open. */
const setUp = (count: number, millis: number) =>
  Effect.gen(function*() {
    const gate = { isOpen: true, millis }
    const server = yield* LoopbackServer.make((request, response) => {
      if (gate.isOpen) setTimeout(() => LoopbackServer.echoPath(request, response), gate.millis)
    })
    const cwd = yield* Process.folder
    const urls = Array.from({ length: count }, (_, index) => `${server.url}/${index + 1}\n`)
    Fs.writeFileSync(Path.join(cwd, "urls.txt"), urls.join(""))
    const records = () => Process.lines(Fs.readFileSync(Path.join(cwd, "out.ndjson"), "utf8"))
    const ids = () => records().map(({ id }) => Number(id)).sort((a, b) => a - b)
    return { cwd, gate, ids, records, server }
  })

const args = ["urls.txt", "-o", "out.ndjson", "--connections-per-origin", "4", "--concurrency", "8"]
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe.skipIf(Terminal.skipReason !== undefined)(`fastget on a terminal${Terminal.skipReason ?? ""}`, () => {
  it.scopedLive("draws how it goes, and leaves only the summary and a cursor", () =>
    Effect.gen(function*() {
      const { cwd, ids } = yield* setUp(300, 20)
      const terminal = yield* Terminal.fastget(args, { cwd })
      const screen = yield* Terminal.waitFor(terminal, (screen) =>
        screen.some((line) =>
          line.includes("ETA") && line.includes("of 300")
        ) &&
        screen.some((line) => /p50 [1-9]/.test(line)))
      expect(screen.filter((line) => line.includes(bar))).toHaveLength(1)
      expect(screen.join("\n")).toMatch(/\d+ workers?, \d+ with them/)
      expect(terminal.isCursorVisible()).toBe(false)
      expect(yield* terminal.ended).toBe(0)
      const left = yield* terminal.screen
      expect(left[0]).toMatch(/^fetched 300 of 300 in /)
      expect(left.join("\n")).not.toContain(bar)
      expect(terminal.isCursorVisible()).toBe(true)
      expect(terminal.written()).toContain(`${escape}36m`)
      expect(ids()).toEqual(upTo(300))
    }))

  it.scopedLive("fits into a narrow terminal, and into one whose size changes", () =>
    Effect.gen(function*() {
      const { cwd } = yield* setUp(600, 20)
      const terminal = yield* Terminal.fastget(args, { cwd, columns: 30, rows: 8 })
      const isDrawn = (screen: ReadonlyArray<string>) => screen.some((line) => line.includes(bar))
      yield* Terminal.waitFor(terminal, isDrawn)
      // The rows stay enough for what was drawn: what has scrolled out at the top no program can take back.
      for (const [columns, rows] of [[120, 24], [40, 16], [25, 16], [80, 24]] as const) {
        terminal.resize(columns, rows)
        const before = terminal.written().length
        // What was on its way when the size changed is still as wide as before.
        const screen = yield* Terminal.waitFor(terminal, (screen) =>
          terminal.written().slice(before).includes(bar) && isDrawn(screen) &&
          screen.every((line) =>
            line.length < columns
          ))
        // One display, not the remains of another.
        expect(screen.filter((line) => line.includes(" of 600"))).toHaveLength(1)
      }
      expect(yield* terminal.ended).toBe(0)
      const left = yield* terminal.screen
      expect(left[0]).toMatch(/^fetched 600 of 600/)
      expect(left.join("\n")).not.toContain(bar)
    }))

  it.scopedLive("uses no color where NO_COLOR is set, and still draws", () =>
    Effect.gen(function*() {
      const { cwd } = yield* setUp(200, 20)
      const terminal = yield* Terminal.fastget(args, { cwd, env: { NO_COLOR: "1" } })
      expect(yield* terminal.ended).toBe(0)
      expect(terminal.written()).toContain(bar)
      expect(terminal.written()).not.toContain(`${escape}36m`)
    }))

  it.scopedLive("writes plain lines to a terminal that can do nothing else", () =>
    Effect.gen(function*() {
      const { cwd } = yield* setUp(50, 5)
      const terminal = yield* Terminal.fastget(args, { cwd, env: { TERM: "dumb" } })
      expect(yield* terminal.ended).toBe(0)
      expect(terminal.written()).toMatch(/^fetched 50 of 50/)
      expect(terminal.written()).not.toContain("\u001B")
    }))

  it.scopedLive("shows nothing when it is to be quiet", () =>
    Effect.gen(function*() {
      const { cwd, ids } = yield* setUp(50, 5)
      const terminal = yield* Terminal.fastget([...args, "--quiet"], { cwd })
      expect(yield* terminal.ended).toBe(0)
      expect(terminal.written()).toBe("")
      expect(ids()).toEqual(upTo(50))
    }))

  it.scopedLive(
    "Ctrl-C once: finishes what is in flight, says how to go on, ends with 130; --resume does the rest",
    () =>
      Effect.gen(function*() {
        const { cwd, gate, ids, server } = yield* setUp(2000, 20)
        const terminal = yield* Terminal.fastget(args, { cwd, columns: 200 })
        yield* Terminal.waitFor(terminal, (screen) => screen.some((line) => / [1-9]\d* of 2,000/.test(line)))
        terminal.press("\u0003")
        yield* Terminal.waitFor(terminal, (screen) => screen.some((line) => line.includes("Stopping")))
        expect(yield* terminal.ended).toBe(130)
        const screen = yield* terminal.screen
        expect(screen.filter((line) => line.includes(bar))).toHaveLength(0)
        expect(screen.join("\n")).toMatch(/fetched [\d,]+ of 2,000 in .* left/)
        expect(screen.join("\n")).toMatch(/go on with +.*urls\.txt.*--resume/)
        const before = ids()
        expect(before.length).toBeGreaterThan(0)
        expect(before.length).toBeLessThan(2000)
        // All that was asked for is in the file.
        expect(server.requests()).toBe(before.length)
        gate.millis = 0
        const again = yield* Terminal.fastget([...args, "--resume"], { cwd, columns: 200 })
        expect(yield* again.ended).toBe(0)
        expect((yield* again.screen).join("\n")).toContain(`${before.length.toLocaleString("en-US")} done before`)
        expect(ids()).toEqual(upTo(2000))
        expect(server.requests()).toBe(2000)
      }),
    120_000
  )

  it.scopedLive("Ctrl-C once: waits for no entry that no request was made for", () =>
    Effect.gen(function*() {
      const { cwd, ids, server } = yield* setUp(12_000, 1000)
      const terminal = yield* Terminal.fastget(["urls.txt", "-o", "out.ndjson"], { cwd, columns: 200 })
      yield* Terminal.waitFor(terminal, (screen) => screen.some((line) => / [1-9]\d* of 12,000/.test(line)))
      const pressed = Ticks.now()
      terminal.press("\u0003")
      expect(yield* terminal.ended).toBe(130)
      expect(Ticks.now() - pressed).toBeLessThan(3000)
      const screen = (yield* terminal.screen).join("\n")
      expect(screen).toContain("Stopping")
      expect(screen).toMatch(/fetched [\d,]+ of 12,000 in .* left/)
      expect(screen).toMatch(/go on with +.*urls\.txt.*--resume/)
      expect(ids().length).toBe(server.requests())
    }))

  it.scopedLive(
    "Ctrl-C twice: stops at once, without waiting for answers; --resume does the rest",
    () =>
      Effect.gen(function*() {
        const { cwd, gate, ids, server } = yield* setUp(400, 5)
        gate.isOpen = false
        const terminal = yield* Terminal.fastget(args, { cwd })
        yield* Terminal.waitFor(
          terminal,
          (screen) => server.requests() > 0 && screen.some((line) => line.includes(bar))
        )
        terminal.press("\u0003")
        yield* Terminal.waitFor(terminal, (screen) => screen.some((line) => line.includes("Stopping")))
        const pressed = Ticks.now()
        terminal.press("\u0003")
        expect(yield* terminal.ended).toBe(130)
        expect(Ticks.now() - pressed).toBeLessThan(3000)
        expect(terminal.isCursorVisible()).toBe(true)
        const screen = yield* terminal.screen
        expect(screen.join("\n")).toMatch(/go on with/)
        expect(screen.filter((line) => line.includes(bar))).toHaveLength(0)
        gate.isOpen = true
        const again = yield* Terminal.fastget([...args, "--resume"], { cwd })
        expect(yield* again.ended).toBe(0)
        expect(ids()).toEqual(upTo(400))
      }),
    120_000
  )
})
