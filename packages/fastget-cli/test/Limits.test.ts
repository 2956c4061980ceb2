/**
 * What the command does with servers that refuse requests for their rate, or
 * answer nothing: as a process, against real servers.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fastget, folder, lines, startFastget } from "./support/Process.js"

const list = (url: string, count: number) => Array.from({ length: count }, (_, n) => `${url}/${n}\n`).join("")

it.scopedLive(
  "a server that refuses a request fails nobody, and the summary and the report tell of it",
  () =>
    Effect.gen(function*() {
      let requests = 0
      const { url } = yield* LoopbackServer.make((_, response) => {
        requests++
        if (requests === 3) response.writeHead(429, { "retry-after": "1" }).end("not so fast")
        else response.end("1")
      })
      const cwd = yield* folder
      const args = ["-o", "out.ndjson", "--summary", "summary.json", "--report", "report.html", "--retry-times", "0"]
      const { code, stderr } = yield* fastget(args, { cwd, stdin: list(url, 20) })
      expect(code).toBe(0)
      expect(requests).toBe(21)
      expect(stderr).toContain("requests   20, and 1 refused for their rate")
      const { origins, requests: counted } = JSON.parse(Fs.readFileSync(Path.join(cwd, "summary.json"), "utf8"))
      expect(origins).toMatchObject([{ origin: url, answered: 20, refused: 1, skipped: 0 }])
      expect(counted).toBe(20)
      expect(Fs.readFileSync(Path.join(cwd, "report.html"), "utf8")).toContain(`<bdi>${url}</bdi>`)
    }),
  60_000
)

it.scopedLive("--throttle off makes a refusal an ordinary failure", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make((_, response) => {
      response.writeHead(429, { "retry-after": "1" }).end("not so fast")
    })
    const args = ["-q", "--throttle", "off", "--retry-times", "0"]
    const { code, stdout } = yield* fastget(args, { stdin: list(url, 5) })
    expect(code).toBe(1)
    expect(lines(stdout).map(({ error }) => error?.status)).toEqual([429, 429, 429, 429, 429])
  }), 60_000)

it.scopedLive(
  "an origin that answers nothing is skipped, and what was skipped is fetched when it is up again",
  () =>
    Effect.gen(function*() {
      let isDown = true
      const { url } = yield* LoopbackServer.make((request, response) => {
        if (isDown) request.socket.resetAndDestroy()
        else response.end("1")
      })
      const cwd = yield* folder
      // Retries so far apart that some are still to come when the origin is known to be down.
      const args = ["-q", "-o", "out.ndjson", "--retry-base", "4s", "--retry-budget", "unbounded"]
      const first = yield* fastget(args, { cwd, stdin: list(url, 300) })
      expect(first.code).toBe(1)
      const records = () => lines(Fs.readFileSync(Path.join(cwd, "out.ndjson"), "utf8"))
      const skipped = records().filter(({ error }) => error?.reason === "OriginDown")
      expect(records()).toHaveLength(300)
      expect(skipped.length).toBeGreaterThan(0)
      isDown = false
      yield* fastget([...args, "--retry-failed", "OriginDown"], { cwd, stdin: list(url, 300) })
      const after = new Map(records().map((record) => [record.id, record.ok]))
      expect(after.size).toBe(300)
      expect(skipped.every(({ id }) => after.get(id) === true)).toBe(true)
    }),
  120_000
)

it.scopedLive("the progress says which server is waited for", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make((_, response) => {
      response.writeHead(429, { "retry-after": "60" }).end("not so fast")
    })
    const { child, ended, stderr } = yield* startFastget(["-o", "out.ndjson"], {
      cwd: yield* folder,
      stdin: list(url, 5)
    })
    yield* Effect.async<void>((resume) => {
      const look = () => stderr().includes("\n") ? resume(Effect.void) : undefined
      child.stderr?.on("data", look)
    })
    expect(stderr()).toMatch(/^fastget: 0 done, .*, waiting for 127\.0\.0\.1:\d+, \d+ s/)
    child.kill("SIGKILL")
    yield* ended
  }), 60_000)
