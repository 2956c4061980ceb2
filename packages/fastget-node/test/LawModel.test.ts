import { describe, expect, it } from "@effect/vitest"
import type { Case } from "./law/LawCase.js"
import { kinds } from "./law/LawCase.js"
import { violations } from "./law/LawModel.js"
import type { Observation, Seen } from "./law/LawRun.js"

/** Five entries, the fourth of which fails. */
const testCase: Case = {
  entries: ["ok", "gzip", "ok", "bad-json", "slow"],
  ids: 5,
  input: { form: "iterable", chunk: 1, failsAfter: undefined },
  output: "streamEither",
  pool: { workers: 1, connections: 1 },
  settings: {
    poolSubmitSize: 5,
    inputChunkSize: 5,
    queueMaxSize: 5,
    concurrency: "unbounded",
    maxBufferedBytes: 1000,
    fastPath: true
  },
  limit: "ample",
  deaths: [],
  end: { _tag: "all" },
  pause: 0
}

const ids = testCase.entries.map((_, id) => ({ id }))

const seen = (key: number): Seen => ({
  key,
  id: ids[key],
  came: testCase.entries[key] === "bad-json" ? kinds["bad-json"].reason : "success"
})

const all = testCase.entries.map((_, key) => seen(key))

/** All as it has to be. */
const good: Observation = {
  ids,
  taken: 5,
  outcomes: all,
  end: { _tag: "done" },
  mostAhead: 5,
  inputClosed: true,
  unanswered: 0,
  late: [],
  next: "answered"
}

const failFast: Case = { ...testCase, output: "stream" }
const failing: Case = { ...testCase, input: { ...testCase.input, failsAfter: 5 } }
const error = (key: number): Observation["end"] => ({ _tag: "fetch error", seen: seen(key) })

describe("the model of the law", () => {
  it.each<[what: string, testCase: Case, seen: Partial<Observation>]>([
    ["all outcomes", testCase, {}],
    ["all outcomes in another order", testCase, { outcomes: all.toReversed() }],
    ["all outcomes, and then the input's failure", failing, { end: { _tag: "input failure" } }],
    ["some successes, and then an entry's error", failFast, { outcomes: [seen(2), seen(0)], end: error(3) }],
    ["as many as were wanted", { ...testCase, end: { _tag: "take", outcomes: 2 } }, { outcomes: all.slice(2, 4) }],
    ["some, and then an interruption", { ...testCase, end: { _tag: "interrupt", requests: 1 } }, {
      outcomes: [seen(1)],
      end: { _tag: "interrupted" }
    }],
    ["a time-out within a tiny limit", { ...testCase, limit: "tiny timeout" }, {
      outcomes: [{ ...seen(0), came: "Timeout" }, ...all.slice(1)]
    }]
  ])("accepts %s", (_, testCase, seen) => {
    expect(violations(testCase, { ...good, ...seen })).toEqual([])
  })

  it.each<[what: string, testCase: Case, seen: Partial<Observation>]>([
    ["an entry lost", testCase, { outcomes: all.slice(1) }],
    ["an entry answered twice", testCase, { outcomes: [seen(0), ...all.slice(0, 4)] }],
    ["an entry answered twice, by its error", failFast, { outcomes: [seen(3)], end: error(3) }],
    ["an entry of no input", testCase, { outcomes: [...all, { key: 7, id: ids[0], came: "success" }] }],
    ["another id", testCase, { outcomes: [{ ...seen(0), id: ids[1] }, ...all.slice(1)] }],
    ["a failure in place of a success", testCase, { outcomes: [{ ...seen(0), came: "WorkerLost" }, ...all.slice(1)] }],
    ["a success in place of a failure", testCase, {
      outcomes: [...all.slice(0, 3), { ...seen(3), came: "success" }, seen(4)]
    }],
    ["a body that is cut", testCase, { outcomes: [{ ...seen(0), came: "another body" }, ...all.slice(1)] }],
    ["a time-out within an ample limit", testCase, { outcomes: [{ ...seen(0), came: "Timeout" }, ...all.slice(1)] }],
    ["an end before the input's", testCase, { taken: 4, outcomes: all.slice(0, 4) }],
    ["no end", testCase, { end: { _tag: "hung" } }],
    ["an end by the pool", testCase, { end: { _tag: "other", text: "PoolError" } }],
    ["an end by interruption", testCase, { end: { _tag: "interrupted" } }],
    ["an entry's error at the end of all outcomes", testCase, { outcomes: all.slice(0, 3), end: error(3) }],
    ["a fail-fast stream that goes on", failFast, { outcomes: all.filter(({ key }) => key !== 3) }],
    ["an error of an entry that succeeds", failFast, {
      outcomes: [],
      end: { _tag: "fetch error", seen: { ...seen(0), came: "Reset" } }
    }],
    ["a failure of the input that is not told", failing, {}],
    ["a failure of the input that comes too early", failing, {
      outcomes: all.slice(1),
      end: { _tag: "input failure" }
    }],
    ["a failure of no input", testCase, { end: { _tag: "input failure" } }],
    ["fewer than were wanted", { ...testCase, end: { _tag: "take", outcomes: 3 } }, { outcomes: all.slice(0, 2) }],
    ["more than were wanted", { ...testCase, end: { _tag: "take", outcomes: 3 } }, { outcomes: all.slice(0, 4) }],
    ["more read ahead than may be", testCase, { mostAhead: 6 }],
    ["an input that is not told of the end", testCase, { inputClosed: false }],
    ["requests that are left", testCase, { unanswered: 1 }],
    ["requests that come late", testCase, { late: ["/case0/ok/1"] }],
    ["a pool that does not work any more", testCase, { next: "PoolError" }]
  ])("refuses %s", (_, testCase, seen) => {
    expect(violations(testCase, { ...good, ...seen })).not.toEqual([])
  })
})
