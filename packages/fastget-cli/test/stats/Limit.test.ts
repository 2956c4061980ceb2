import { describe, expect, it } from "@effect/vitest"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as Limit from "../../src/stats/Limit.js"
import type { Snapshot } from "../../src/stats/Snapshot.js"
import * as Snapshots from "../support/Snapshots.js"

const idle = { cores: 4, process: 0.1, machine: 0.15, main: 0.1, throttled: 0 }
const time = { all: 0, serverErrors: 0, sentAgain: 0, dns: 0, timeouts: 0 }
const settings = FastGetConfig.defaults(4)

const cases: ReadonlyArray<readonly [name: string, Limit.Limiter, verdict: RegExp, Partial<Snapshot>]> = [
  ["a run of half a second", "unknown", /too short/i, { seconds: 0.5, consumerWaited: 500 }],
  ["nothing that stands out", "unknown", /could have had more requests under way/, {
    entryTime: { ...time, all: 9000 }
  }],
  ["nothing that stands out and no settings", "unknown", /nothing stands out/, { settings: undefined }],
  ["an output that takes most of the time", "consumer", /takes the output/, { consumerWaited: 6000 }],
  ["a process on all cores", "cpu", /all cores/, { usage: { ...idle, process: 0.95 } }],
  ["a machine that is full, also of this process", "cpu", /all cores/, {
    usage: { ...idle, machine: 0.97, process: 0.4 }
  }],
  ["a busy main thread", "cpu", /main thread/, { usage: { ...idle, main: 0.96 } }],
  ["a quota", "cpu", /quota/, { usage: { ...idle, throttled: 0.5 } }],
  ["a machine that others fill", "unknown", /not known/, { usage: { ...idle, machine: 1 }, entryTime: time }],
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
  ["connections that wait for nothing", "latency", /not answered in time/, {
    entryTime: { ...time, all: 630_000, timeouts: 600_000 }
  }]
]

describe("Limit", () => {
  it.each(cases)("finds what limited a run: %s", (_, limiter, verdict, changes) => {
    const limit = Limit.of(Snapshots.snapshot(changes))
    expect(limit.limiter).toBe(limiter)
    expect(limit.verdict).toMatch(verdict)
    expect(limit.evidence).toHaveLength(4)
  })

  it("names the option that holds the run back, with its value", () => {
    const entryTime = { ...time, all: 630_000 }
    expect(Limit.of(Snapshots.snapshot({ entryTime })).advice).toMatch(/connectionsPerOrigin.*64/)
    expect(Limit.of(Snapshots.snapshot({ entryTime, settings: { ...settings, concurrency: 60 } })).advice).toMatch(
      /concurrency.*60/
    )
  })

  it("counts the connections of all hosts, and one for each worker at least", () => {
    const entryTime = { ...time, all: 630_000 }
    expect(Limit.of(Snapshots.snapshot({ entryTime, hostCount: 3 })).limiter).toBe("unknown")
    expect(Limit.of(Snapshots.snapshot({ entryTime, settings: { ...settings, connectionsPerOrigin: 2 } })).evidence[2])
      .toContain("of 4 possible")
  })
})
