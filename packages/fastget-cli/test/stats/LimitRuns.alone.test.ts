import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { SummaryJson } from "../../src/report/Summary.js"
import * as Process from "../support/Process.js"

/** Runs the command over URLs of a server, and gives its summary. */
const summaryOf = (handler: LoopbackServer.Handler, count: number, line: string) =>
  Effect.gen(function*() {
    const server = yield* LoopbackServer.make(handler)
    const cwd = yield* Process.folder
    const urls = Array.from({ length: count }, (_, index) => `${server.url}/${index}\n`)
    Fs.writeFileSync(Path.join(cwd, "urls.txt"), urls.join(""))
    yield* Process.shell(`fastget urls.txt -q --summary summary.json ${line}`, { cwd })
    return JSON.parse(Fs.readFileSync(Path.join(cwd, "summary.json"), "utf8")) as SummaryJson
  })

describe("what limited a real run", () => {
  it.scopedLive("latency, by a server that takes its time", () =>
    Effect.gen(function*() {
      const slow: LoopbackServer.Handler = (request, response) =>
        setTimeout(() => LoopbackServer.echoPath(request, response), 100)
      const { latency, limit, rate } = yield* summaryOf(slow, 100, "--connections-per-origin 4 -o out.ndjson")
      expect(limit.limiter).toBe("latency")
      expect(limit.advice).toMatch(/connectionsPerOrigin/)
      expect(latency.p50).toBeGreaterThan(98)
      expect(rate).toBeLessThan(40)
    }))

  it.scopedLive("server errors, by one that answers 429 first", () =>
    Effect.gen(function*() {
      const seen = new Set<string | undefined>()
      const busy: LoopbackServer.Handler = (request, response) => {
        if (seen.has(request.url)) return LoopbackServer.echoPath(request, response)
        seen.add(request.url)
        response.writeHead(429, { "retry-after": "1" })
        response.end("{}")
      }
      const { entriesSentAgain, limit } = yield* summaryOf(busy, 20, "--retry-times 3 --throttle off -o out.ndjson")
      expect(limit.limiter).toBe("server errors")
      expect(entriesSentAgain).toBeGreaterThan(0)
    }))

  it.scopedLive("a server limit, by one that admits 20 requests a second", () =>
    Effect.gen(function*() {
      let admitted: ReadonlyArray<number> = []
      const limited: LoopbackServer.Handler = (request, response) => {
        const now = performance.now()
        admitted = admitted.filter((at) => now - at < 1000)
        if (admitted.length < 20) {
          admitted = [...admitted, now]
          return LoopbackServer.echoPath(request, response)
        }
        response.writeHead(429, { "retry-after": "1" })
        response.end("{}")
      }
      const { limit, origins, succeeded } = yield* summaryOf(limited, 100, "-o out.ndjson")
      expect(succeeded).toBe(100)
      expect(limit.limiter).toBe("server limit")
      expect(limit.verdict).toMatch(/server limit: about \d+ requests\/(s|min) at 127\.0\.0\.1:\d+/)
      expect(origins[0]!.refused).toBeGreaterThan(0)
    }))

  it.scopedLive("the consumer, by a reader that takes its time", () =>
    Effect.gen(function*() {
      const large: LoopbackServer.Handler = (_, response) => {
        response.writeHead(200, { "content-type": "application/json" })
        response.end(JSON.stringify("x".repeat(100_000)))
      }
      const { limit, usage } = yield* summaryOf(large, 200, "| (read -r first; sleep 3; cat >/dev/null)")
      expect(limit.limiter).toBe("consumer")
      expect(usage.consumerWaited).toBeGreaterThan(1000)
    }))

  it.scopedLive("nothing known, in a run that is too short", () =>
    Effect.gen(function*() {
      const { limit } = yield* summaryOf(LoopbackServer.echoPath, 1, "-o out.ndjson")
      expect(limit.limiter).toBe("unknown")
    }))
})
