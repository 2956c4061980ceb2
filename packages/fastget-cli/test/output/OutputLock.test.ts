/**
 * Two runs at once on one output: the second is refused, and what a dead one
 * has left is no obstacle. Real processes, some of them killed.
 */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as LockHolder from "../../src/output/LockHolder.js"
import { fastget, folder, lines, start, startFastget } from "../support/Process.js"
import { within } from "../support/Within.js"

/** A server that answers once its gate is open, and a folder. */
const setUp = Effect.gen(function*() {
  const gate = { isOpen: false, waiting: [] as Array<() => void> }
  const { requests, url } = yield* LoopbackServer.make((request, response) => {
    const answer = () => LoopbackServer.echoPath(request, response)
    if (gate.isOpen) answer()
    else gate.waiting.push(answer)
  })
  const open = Effect.sync(() => {
    gate.isOpen = true
    gate.waiting.forEach((answer) => answer())
  })
  const path = yield* folder
  const at = (name: string) => Path.join(path, name)
  return { at, open, path, requests, url }
})

const holder = (fields: Partial<LockHolder.LockHolder>): string =>
  LockHolder.toText({ ...LockHolder.self(), ...fields })

it.scopedLive(
  "a second run on an output is refused and names the first, whatever it is asked for and by whichever name",
  () =>
    Effect.gen(function*() {
      const { at, open, path, requests, url } = yield* setUp
      const stdin = `${url}/1\n${url}/2\n`
      const first = yield* startFastget(["-q", "-o", "out", "--errors", "bad", "--summary", "sum"], {
        cwd: path,
        stdin
      })
      yield* within(15_000, "a request", () => requests() > 0)
      Fs.symlinkSync("out", at("link"))
      Fs.linkSync(at("out"), at("hard"))
      for (
        const args of [
          ["-o", "out", "--resume"],
          ["-o", "link", "--overwrite"],
          ["-o", "other", "--errors", "out", "--overwrite"],
          ["-o", "other", "--errors", "bad"],
          ["-o", "bad", "--retry-failed"],
          ["-o", "other", "--summary", "sum"],
          ["-o", "other", "--report", "out"]
        ]
      ) {
        const { code, stderr } = yield* fastget(["-q", ...args], { cwd: path, stdin })
        expect({ args, code }).toEqual({ args, code: 3 })
        expect(stderr).toMatch(new RegExp(`is being written by another run \\(process ${first.child.pid} on `))
      }
      yield* open
      expect((yield* first.ended).code).toBe(0)
      expect(lines(Fs.readFileSync(at("out"), "utf8"))).toHaveLength(2)
      expect(requests()).toBe(2)
      // The lock goes with the run.
      expect(Fs.readdirSync(path).filter((name) => name.includes("lock"))).toEqual([])
      expect((yield* fastget(["-q", "-o", "out", "--resume"], { cwd: path, stdin })).code).toBe(0)
      expect(requests()).toBe(2)
    }),
  120_000
)

it.scopedLive("hard links to one output are one output", () =>
  Effect.gen(function*() {
    const { at, open, path, requests, url } = yield* setUp
    Fs.writeFileSync(at("one"), "")
    Fs.linkSync(at("one"), at("two"))
    const stdin = `${url}/1\n`
    const first = yield* startFastget(["-q", "-o", "one"], { cwd: path, stdin })
    yield* within(15_000, "a request", () => requests() > 0)
    expect((yield* fastget(["-q", "-o", "two", "--resume"], { cwd: path, stdin })).code).toBe(3)
    yield* open
    expect((yield* first.ended).code).toBe(0)
    expect((yield* fastget(["-q", "-o", "two", "--resume"], { cwd: path, stdin })).code).toBe(0)
    expect(requests()).toBe(1)
  }), 120_000)

it.scopedLive(
  "what a killed run has left is no obstacle, and of many that find it at once only one goes on",
  () =>
    Effect.gen(function*() {
      const { at, open, path, requests, url } = yield* setUp
      const args = ["-q", "--template", `${url}/{}`, "--range", "1..50", "-o", "out", "--resume"]
      const killed = yield* startFastget(args, { cwd: path })
      yield* within(15_000, "a request", () => requests() > 0)
      killed.child.kill("SIGKILL")
      yield* killed.ended
      expect(Fs.existsSync(at("out.lock"))).toBe(true)
      const before = requests()
      const many = yield* Effect.all(Array.from({ length: 5 }, () => startFastget(args, { cwd: path })))
      const codes: Array<number | string> = []
      const ended = yield* Effect.fork(
        Effect.forEach(many, ({ ended }) => Effect.map(ended, ({ code }) => codes.push(code)), {
          concurrency: "unbounded"
        })
      )
      yield* within(60_000, "all but one are refused", () => codes.length === 4 && requests() > before)
      yield* open
      yield* ended
      expect(codes.sort()).toEqual([0, 3, 3, 3, 3])
      expect(lines(Fs.readFileSync(at("out"), "utf8"))).toHaveLength(50)
      expect(Fs.readdirSync(path)).toEqual(["out"])
    }),
  120_000
)

it.scopedLive("a process that only has the number of a dead one does not hold its lock", () =>
  Effect.gen(function*() {
    const { at, open, path, url } = yield* setUp
    yield* open
    // This process is there, and began at another time.
    Fs.writeFileSync(at("out.lock"), holder({ start: 1 }))
    expect((yield* fastget(["-q", "-o", "out"], { cwd: path, stdin: `${url}/1\n` })).code).toBe(0)
    Fs.writeFileSync(at("out.lock"), holder({}))
    const { code, stderr } = yield* fastget(["-q", "-o", "out", "--resume"], { cwd: path, stdin: `${url}/1\n` })
    expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining(`process ${process.pid} on`) })
  }), 120_000)

it("a lock says who holds it, and what is no lock is none", () => {
  const self = LockHolder.self()
  expect(LockHolder.whereabouts(self)).toBe("here")
  expect(LockHolder.whereabouts({ ...self, place: "another machine" })).toBe("elsewhere")
  expect(LockHolder.parse(LockHolder.toText(self))).toEqual(self)
  for (const text of ["", "mine", "null", "[]", `{"fastget":{"pid":1}}`]) {
    expect(LockHolder.parse(text)).toBeUndefined()
  }
})

// Its start can be read in a line there only.
describe.skipIf(process.platform !== "linux")("a process on Linux", () => {
  it.scopedLive("that was killed holds nothing, also before its parent has asked what became of it", () =>
    Effect.gen(function*() {
      // Its parent becomes `tail`, which never asks.
      const parent = yield* start("bash", ["-c", "sleep 1000 & echo $!; exec tail -f /dev/null"])
      yield* within(15_000, "the number of the process", () => parent.stdout().endsWith("\n"))
      // Until then it is a shell, which would ask.
      const isTail = () => Fs.readFileSync(`/proc/${parent.child.pid}/comm`, "utf8") === "tail\n"
      yield* within(15_000, "its parent is tail", isTail)
      const pid = Number(parent.stdout())
      const stat = Fs.readFileSync(`/proc/${pid}/stat`, "utf8")
      const child = { ...LockHolder.self(), pid, start: Number(stat.split(" ")[21]) }
      expect(LockHolder.whereabouts(child)).toBe("here")
      process.kill(pid, "SIGKILL")
      yield* within(15_000, "the process is gone", () => LockHolder.whereabouts(child) === "gone")
      expect(Fs.existsSync(`/proc/${pid}`)).toBe(true)
    }))
})

describe("a lock of a machine whose processes can't be seen", () => {
  it.scopedLive("holds while it is touched", () =>
    Effect.gen(function*() {
      const { at, path, requests, url } = yield* setUp
      Fs.writeFileSync(at("out.lock"), holder({ place: "elsewhere", host: "far" }))
      const second = yield* startFastget(["-o", "out"], { cwd: path, stdin: `${url}/1\n` })
      yield* within(15_000, "it says what it waits for", () => second.stderr().includes("on far: looking whether"))
      Fs.utimesSync(at("out.lock"), new Date(0), new Date(0))
      expect((yield* second.ended).code).toBe(3)
      expect(second.stderr()).toContain("is being written by another run")
      expect(requests()).toBe(0)
      expect(Fs.existsSync(at("out.lock"))).toBe(true)
    }))

  it.scopedLive("is taken over when it no longer is", () =>
    Effect.gen(function*() {
      const { at, open, path, url } = yield* setUp
      yield* open
      Fs.writeFileSync(at("out.lock"), holder({ place: "elsewhere", host: "far" }))
      expect((yield* fastget(["-q", "-o", "out"], { cwd: path, stdin: `${url}/1\n` })).code).toBe(0)
      expect(Fs.readdirSync(path)).toEqual(["out"])
    }), 120_000)

  it.scopedLive("is not waited for after a signal", () =>
    Effect.gen(function*() {
      const { at, path, url } = yield* setUp
      Fs.writeFileSync(at("out.lock"), holder({ place: "elsewhere", host: "far" }))
      const second = yield* startFastget(["-o", "out"], { cwd: path, stdin: `${url}/1\n` })
      yield* within(15_000, "it says what it waits for", () => second.stderr().includes("looking whether"))
      second.child.kill("SIGTERM")
      expect((yield* second.ended).code).toBe(143)
      expect(Fs.readdirSync(path)).toEqual(["out.lock"])
    }))
})

it.scopedLive("a FILE.lock that is not FastGet's is left alone", () =>
  Effect.gen(function*() {
    const { at, path, url } = yield* setUp
    Fs.writeFileSync(at("out.lock"), "mine\n")
    const { code, stderr } = yield* fastget(["-q", "-o", "out"], { cwd: path, stdin: `${url}/1\n` })
    expect(code).toBe(3)
    expect(stderr).toContain("out.lock is no lock of fastget's")
    expect(Fs.readFileSync(at("out.lock"), "utf8")).toBe("mine\n")
    expect(Fs.readdirSync(path)).toEqual(["out.lock"])
  }), 120_000)

it.scopedLive("a name that is as long as names can be can be locked", () =>
  Effect.gen(function*() {
    const { at, open, path, url } = yield* setUp
    yield* open
    const name = "x".repeat(255)
    expect((yield* fastget(["-q", "-o", name], { cwd: path, stdin: `${url}/1\n` })).code).toBe(0)
    expect(Fs.readdirSync(path)).toEqual([name])
    expect(lines(Fs.readFileSync(at(name), "utf8"))).toHaveLength(1)
  }), 120_000)
