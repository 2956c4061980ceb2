import { describe, expect, it } from "@effect/vitest"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as Limit from "../../src/stats/Limit.js"
import type { Snapshot } from "../../src/stats/Snapshot.js"
import { held, traffic } from "../support/Origins.js"
import * as Snapshots from "../support/Snapshots.js"

const idle = { cores: 4, process: 0.1, machine: 0.15, main: 0.1, throttled: 0 }
const time = { all: 0, serverErrors: 0, sentAgain: 0, dns: 0, timeouts: 0 }
const settings = FastGetConfig.defaults(4)

const rate = { requests: 100, per: 1000, burst: undefined }

const cases: ReadonlyArray<readonly [name: string, Limit.Limiter, verdict: RegExp, Partial<Snapshot>]> = [
  ["a run of half a second", "unknown", /too short/i, { seconds: 0.5, consumerWaited: 500 }],
  ["nothing that stands out", "unknown", /could have had more requests under way/, {
    entryTime: { ...time, all: 9000 }
  }],
  ["nothing that stands out and no settings", "unknown", /nothing stands out/, { settings: undefined }],
  ["nothing that stands out over a cluster, whose limits are its runners'", "unknown", /nothing stands out/, {
    isOverCluster: true
  }],
  ["an output that takes most of the time", "consumer", /takes the output/, { consumerWaited: 6000 }],
  ["a process on all cores", "cpu", /all cores/, { usage: { ...idle, process: 0.95 } }],
  ["a machine that is full, also of this process", "cpu", /all cores/, {
    usage: { ...idle, machine: 0.97, process: 0.4 }
  }],
  ["a busy main thread", "cpu", /main thread/, { usage: { ...idle, main: 0.96 } }],
  ["a quota", "cpu", /quota/, { usage: { ...idle, throttled: 0.5 } }],
  ["a machine that others fill", "unknown", /not known/, { usage: { ...idle, machine: 1 }, entryTime: time }],
  ["a server limit", "server limit", /^Limited by a server limit: about 98 requests\/s at api\.example\.com\.$/, {
    origins: [held(6000)],
    entryTime: { ...time, all: 630_000 },
    usage: { ...idle, process: 0.95 }
  }],
  ["a server limit whose rate was not learned", "server limit", /about 90 requests\/s at api\.example\.com/, {
    origins: [held(6000, { rate: undefined })]
  }],
  ["a server limit, by turns of a rate that nobody has set", "server limit", /about 98 requests\/s/, {
    origins: [held(2000)],
    paced: [{ origin: "https://api.example.com", waited: 4000 }]
  }],
  ["a limit that held up little of the run", "latency", /all places were busy/, {
    origins: [held(4000)],
    entryTime: { ...time, all: 630_000 }
  }],
  ["a rate that was set", "rate", /rate that was set: 100\/s/, {
    settings: { ...settings, rate },
    paced: [{ origin: "https://api.example.com", waited: 6000 }],
    usage: { ...idle, process: 0.95 }
  }],
  ["a rate that was set and not reached", "unknown", /could have had more/, {
    settings: { ...settings, rate },
    paced: [{ origin: "https://api.example.com", waited: 4000 }],
    entryTime: { ...time, all: 9000 }
  }],
  ["a rate of another origin", "unknown", /could have had more/, {
    settings: { ...settings, origins: [{ pattern: "other.example.com", rate }] },
    paced: [{ origin: "https://api.example.com", waited: 9000 }],
    entryTime: { ...time, all: 9000 }
  }],
  ["the rate of a host", "rate", /100\/s/, {
    settings: { ...settings, origins: [{ pattern: "*.example.com", rate }] },
    paced: [{ origin: "http://a.example.com:8080", waited: 9000 }]
  }],
  ["time for 5xx", "server errors", /answers that failed/, {
    entryTime: { ...time, all: 600_000, serverErrors: 400_000 }
  }],
  ["time for entries sent again", "server errors", /sent again|asked for again/, {
    entryTime: { ...time, all: 600_000, sentAgain: 400_000 }
  }],
  ["429", "server errors", /429/, {
    entryTime: { ...time, all: 600_000, serverErrors: 400_000 },
    failures: [{ reason: "Status", detail: "429", count: 7 }]
  }],
  ["time for names that are not found", "dns", /DNS/, { entryTime: { ...time, all: 1000, dns: 900 } }],
  ["all connections busy", "latency", /all places were busy/, { entryTime: { ...time, all: 630_000 } }],
  ["all of a concurrency busy", "latency", /all places were busy/, {
    entryTime: { ...time, all: 79_000 },
    settings: { ...settings, concurrency: 8 }
  }],
  ["all of what adapts itself busy", "latency", /all places were busy/, {
    entryTime: { ...time, all: 110_000 },
    settings: { ...settings, concurrency: "adaptive" },
    traffic: [traffic({ adaptiveLimit: 12 })]
  }],
  ["connections that wait for nothing", "latency", /not answered in time/, {
    entryTime: { ...time, all: 630_000, timeouts: 600_000 }
  }]
]

describe("Limit", () => {
  it.each(cases)("finds what limited a run: %s", (_, limiter, verdict, changes) => {
    const limit = Limit.of(Snapshots.snapshot(changes))
    expect(limit.limiter).toBe(limiter)
    expect(limit.verdict).toMatch(verdict)
    expect(limit.evidence.length).toBe(changes.origins === undefined ? 4 : 5)
  })

  it("names the option that holds the run back, with its value", () => {
    const entryTime = { ...time, all: 630_000 }
    expect(Limit.of(Snapshots.snapshot({ entryTime })).advice).toMatch(/connectionsPerOrigin.*64/)
    expect(Limit.of(Snapshots.snapshot({ entryTime, settings: { ...settings, concurrency: 60 } })).advice).toMatch(
      /concurrency.*60/
    )
  })

  it("says what to set where a server has a limit, for it alone where there are several", () => {
    expect(Limit.of(Snapshots.snapshot({ origins: [held(6000)] })).advice)
      .toBe("Set it (--rate 98/s, or what the server says), so that no request is refused.")
    const other = held(5500, { host: "b.example", origin: "http://b.example" })
    const { advice, evidence, verdict } = Limit.of(Snapshots.snapshot({ origins: [held(6000), other] }))
    expect(verdict).toBe(
      "Limited by a server limit: about 98 requests/s at api.example.com, and those of 1 other origin."
    )
    expect(advice).toContain("--limits FILE ({\"https://api.example.com\": {\"rate\": \"98/s\"}})")
    expect(evidence[4]).toBe(
      "Servers refused 240 requests for their rate, which were sent again; entries waited 6.00 s for api.example.com."
    )
  })

  it("says how many entries were not asked for", () => {
    const origins = [held(0, { refusals: 0, skipped: 17 })]
    expect(Limit.of(Snapshots.snapshot({ origins })).evidence[4])
      .toBe("17 entries were not asked for, since their origins answered nothing.")
  })

  it("does not advise to raise what adapts itself", () => {
    const limit = Limit.of(Snapshots.snapshot({
      entryTime: { ...time, all: 110_000 },
      settings: { ...settings, concurrency: "adaptive" },
      traffic: [traffic({ adaptiveLimit: 12 })]
    }))
    expect(limit.advice).toBeUndefined()
  })

  it("counts the connections of all hosts, whatever the number of workers", () => {
    const entryTime = { ...time, all: 630_000 }
    expect(Limit.of(Snapshots.snapshot({ entryTime, hostCount: 3 })).limiter).toBe("unknown")
    expect(Limit.of(Snapshots.snapshot({ entryTime, settings: { ...settings, connectionsPerOrigin: 2 } })).evidence[2])
      .toContain("of 2 possible")
  })
})
