/**
 * Runs that go on with the file of another: after `kill -9`, and to fetch what
 * failed again. The server counts what it is asked for.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fastget, folder, lines, sorted, startFastget } from "../support/Process.js"
import { within } from "../support/Within.js"

const count = 20_000

/** Counts the requests of each path; `failing` says which are answered with which status. */
const makeServer = (failing: (path: string) => number = () => 200) =>
  Effect.gen(function*() {
    const asked = new Map<string, number>()
    const server = yield* LoopbackServer.make((request, response) => {
      asked.set(request.url!, (asked.get(request.url!) ?? 0) + 1)
      response.statusCode = failing(request.url!)
      response.end(JSON.stringify({ path: request.url }))
    })
    return { ...server, asked }
  })

/** The whole lines of a file, by id; a part of one at the end is none. */
const wholeLines = (file: string) => {
  const text = Fs.existsSync(file) ? Fs.readFileSync(file, "utf8") : ""
  return lines(text.slice(0, text.lastIndexOf("\n") + 1))
}

it.scopedLive(
  "after kill -9 at five moments --resume has every id once, and asks for none again that had its line",
  () =>
    Effect.gen(function*() {
      const { asked, url } = yield* makeServer()
      const path = yield* folder
      const file = Path.join(path, "out.ndjson")
      const args = ["-q", "--template", `${url}/{}`, "--range", `1..${count}`, "-o", file, "--resume"]
      let size = 0
      for (let kill = 0; kill < 5; kill++) {
        const { child, ended } = yield* startFastget(args)
        const until = size + 1 + [3000, 140_000, 1, 60_000, 90_000][kill]!
        yield* within(
          15_000,
          `${until} bytes in the file`,
          () => Fs.existsSync(file) && Fs.statSync(file).size >= until
        )
        child.kill("SIGKILL")
        expect((yield* ended).code).toBe("SIGKILL")
        // A part of a line, as a write that was killed half way leaves it.
        if (kill % 2 === 0) {
          Fs.appendFileSync(file, `{"id":${count},"ok":true,"status":200,"json":{"pa`)
        }
        const finished = wholeLines(file)
        size = Fs.statSync(file).size
        expect(finished.length).toBeLessThan(count)
        asked.clear()
        const next = yield* startFastget(args)
        yield* within(15_000, "a request", () => asked.size > 0)
        next.child.kill("SIGKILL")
        yield* next.ended
        expect(finished.filter(({ id }) => asked.has(`/${id}`))).toEqual([])
        size = Fs.statSync(file).size
      }
      const finished = wholeLines(file)
      asked.clear()
      expect((yield* fastget(args)).code).toBe(0)
      expect(finished.filter(({ id }) => asked.has(`/${id}`))).toEqual([])
      const all = lines(Fs.readFileSync(file, "utf8"))
      expect(all.length).toBe(count)
      expect(new Set(all.map(({ id }) => id)).size).toBe(count)
      expect(all.filter(({ id, json }) => (json as { path: string }).path !== `/${id}`)).toEqual([])
    }),
  120_000
)

it.scopedLive("--resume tells ids that are there twice apart, and does not write bad rows again", () =>
  Effect.gen(function*() {
    const { asked, url } = yield* makeServer()
    const path = yield* folder
    const run = (rows: ReadonlyArray<string>) =>
      fastget(["-q", "-o", "out.ndjson", "--resume"], { cwd: path, stdin: ["id,url", ...rows, ""].join("\n") })
    const rows = [`a,${url}/1`, `b,${url}/2`, "bad", `a,${url}/3`, `7,${url}/4`]
    expect((yield* run(rows)).code).toBe(1)
    const text = Fs.readFileSync(Path.join(path, "out.ndjson"), "utf8")
    const records = sorted(lines(text)).map(({ id, line }) => [id, line])
    expect(records).toEqual([[null, 4], ["7", undefined], ["a", undefined], ["a", 5], ["b", undefined]])
    asked.clear()
    // Rows before have failed: the output as a whole has.
    expect((yield* run(rows)).code).toBe(1)
    expect(asked.size).toBe(0)
    expect(Fs.readFileSync(Path.join(path, "out.ndjson"), "utf8")).toBe(text)
    expect((yield* run([...rows, `c,${url}/5`])).code).toBe(1)
    expect([...asked.keys()]).toEqual(["/5"])
  }))

it.scopedLive("--resume goes on with CSV whose values have line breaks, and cuts a part of a record off", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* LoopbackServer.make((request, response) =>
      response.end(JSON.stringify({ text: `one\ntwo, "${request.url}"` }))
    )
    const path = yield* folder
    const file = Path.join(path, "out.csv")
    const args = ["-q", "--template", `${url}/{}`, "--range", "1..50", "--select", "text", "-o", file, "--resume"]
    expect((yield* fastget(args)).code).toBe(0)
    const text = Fs.readFileSync(file, "utf8")
    const cut = text.lastIndexOf("two")
    Fs.writeFileSync(file, text.slice(0, cut + 5))
    expect((yield* fastget(args)).code).toBe(0)
    expect(requests()).toBe(51)
    expect(Fs.readFileSync(file, "utf8")).toBe(text)
  }))

it.scopedLive("--retry-failed fetches the failures of the given reasons again, and each id is there once", () =>
  Effect.gen(function*() {
    let healed = false
    const failing = (path: string) => healed ? 200 : ({ "/3": 500, "/4": 503, "/5": 404 })[path] ?? 200
    const { asked, url } = yield* makeServer(failing)
    const path = yield* folder
    const run = (...args: ReadonlyArray<string>) =>
      fastget(["-q", "--template", `${url}/{}`, "--range", "1..8", "--retry-times", "0", "-o", "out.ndjson", ...args], {
        cwd: path
      })
    const failures = () =>
      sorted(lines(Fs.readFileSync(Path.join(path, "out.ndjson"), "utf8"))).map(({ id, ok }) => ok ? id : -Number(id))
    expect((yield* run()).code).toBe(1)
    expect(failures()).toEqual([1, 2, -3, -4, -5, 6, 7, 8])
    asked.clear()
    expect((yield* run("--retry-failed", "Timeout")).code).toBe(1)
    expect(asked.size).toBe(0)
    healed = true
    expect((yield* run("--retry-failed", "Status:5xx,Timeout")).code).toBe(1)
    expect([...asked.keys()].sort()).toEqual(["/3", "/4"])
    expect(failures()).toEqual([1, 2, 3, 4, -5, 6, 7, 8])
    expect((yield* run("--retry-failed")).code).toBe(0)
    expect(failures()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(Fs.readdirSync(path)).toEqual(["out.ndjson"])
  }))

it.scopedLive("a retry that was killed is taken up by the next run, with failures in a file of their own", () =>
  Effect.gen(function*() {
    let status = 500
    const { asked, url } = yield* makeServer((path) => Number(path.slice(1)) % 2 === 0 ? status : 200)
    const path = yield* folder
    const args = [
      "-q",
      "--template",
      `${url}/{}`,
      "--range",
      "1..4000",
      "--retry-times",
      "0",
      "-o",
      "out",
      "--errors",
      "bad"
    ]
    const file = (name: string) => Path.join(path, name)
    expect((yield* fastget(args, { cwd: path })).code).toBe(1)
    expect(wholeLines(file("bad")).length).toBe(2000)
    const kept = Fs.readFileSync(file("out"), "utf8")
    status = 200
    const { child, ended } = yield* startFastget([...args, "--retry-failed"], { cwd: path })
    yield* within(
      15_000,
      "outcomes of the retry",
      () => Fs.existsSync(file("out.retry")) && Fs.statSync(file("out.retry")).size > 0
    )
    child.kill("SIGKILL")
    yield* ended
    const retried = wholeLines(file("out.retry"))
    // The kill may have come after the files were put in place: then there is nothing to take up.
    asked.clear()
    expect((yield* fastget([...args, "--retry-failed"], { cwd: path })).code).toBe(0)
    expect(retried.filter(({ id }) => asked.has(`/${id}`))).toEqual([])
    const all = wholeLines(file("out"))
    expect(all.length).toBe(4000)
    expect(new Set(all.map(({ id }) => id)).size).toBe(4000)
    expect(Fs.readFileSync(file("out"), "utf8").startsWith(kept)).toBe(true)
    expect(Fs.readFileSync(file("bad"), "utf8")).toBe("")
    expect(Fs.readdirSync(path).sort()).toEqual(["bad", "out"])
  }))
