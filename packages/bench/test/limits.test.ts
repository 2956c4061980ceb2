import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Clients from "../src/limits/Clients.js"
import * as Document from "../src/limits/Document.js"
import type { Sample } from "../src/limits/Results.js"
import type { Row } from "../src/limits/Row.js"
import { common, least } from "../src/limits/Row.js"
import * as Rows from "../src/limits/Rows.js"
import * as Runner from "../src/limits/Runner.js"
import * as LimitTable from "../src/limits/Table.js"
import * as Options from "../src/Options.js"

const count = 60

/** A row as those of the benchmark are, of fewer entries. */
const small: Row = {
  name: "small",
  title: "Small",
  rivals: true,
  full: false,
  runs: [{
    name: "",
    models: [{ kind: "limit", counts: "bucket", perSecond: 200, capacity: 40, tells: "seconds" }],
    task: ([url]) => ({ streams: [{ origins: [url!], count }], perSecond: 200 })
  }],
  figures: (done) => [
    ...common(done(""), count, 1),
    least("admitted", done("").servers[0]!.admitted, count)
  ]
}

const figuresOf = ({ figures }: Sample) => Object.fromEntries(figures.map(({ text, value }) => [text, value]))

describe("a row", () => {
  it.live("is done by FastGet, and by others that repeat what is refused, over servers of its own", () =>
    Effect.gen(function*() {
      const samples = yield* Runner.run({ rows: [small], rounds: 1, clients: ["fastget", "undici-retry"] })
      expect(samples.map(({ client, outcomes, row }) => [row, client, outcomes])).toEqual([
        ["small", "fastget", { success: count }],
        ["small", "undici-retry", { success: count }]
      ])
      for (const sample of samples) {
        expect(figuresOf(sample)).toMatchObject({ succeeded: 1, admitted: count })
        expect(figuresOf(sample)["requests ÷ entries"]).toBeGreaterThanOrEqual(1)
        expect(figuresOf(sample)["time ÷ ideal"]).toBeGreaterThan(0)
      }
    }))
})

describe("rows", () => {
  it("have names of their own", () => {
    expect(new Set(Rows.all.map(({ name }) => name)).size).toBe(Rows.all.length)
  })

  it("are chosen by their name, or by what it begins with", () => {
    const names = (name: string, full: boolean) => Rows.named(name, full).map(({ name }) => name)
    expect(names("rate", false)).toEqual(["rate"])
    expect(names("100", false)).toEqual(["100-seconds", "100-date", "100-none"])
    expect(names("100", true)).toContain("100-none-sliding")
    expect(names("100-none-sliding", false)).toEqual(["100-none-sliding"])
    expect(names("none", true)).toEqual([])
  })

  it.effect("are run unless a short run is asked for, and kept if all of them are", () =>
    Effect.gen(function*() {
      const parsed = (...args: ReadonlyArray<string>) =>
        Effect.map(
          Options.parse(args),
          ({ keep, limits, scenarios }) => [limits?.rows.length ?? 0, scenarios.length, keep]
        )
      const usual = Rows.usual(false).length
      expect(yield* parsed("--scenario", "limits")).toEqual([usual, 0, true])
      expect(yield* parsed("--scenario", "limits", "--rows", "rate,dead")).toEqual([2, 0, false])
      expect((yield* parsed())[0]).toBe(usual)
      expect((yield* parsed("--quick"))[0]).toBe(0)
      const error = yield* Effect.flip(Options.parse(["--scenario", "limits", "--rows", "x"]))
      expect(error.message).toContain("There is no row x")
    }))
})

describe("the table", () => {
  const sample = (client: string, round: number, wall: number): Sample => ({
    row: "100-seconds",
    client,
    round,
    load: 1,
    outcomes: {},
    figures: [
      { text: "succeeded", value: 1, bound: 1, direction: "at least" },
      { text: "requests ÷ entries", value: 1.25, bound: 1.15, direction: "at most" },
      { text: "time ÷ ideal", value: wall, bound: 1.2, direction: "at most" }
    ]
  })
  const samples = [
    sample("fastget", 1, 1.5),
    sample("fastget", 2, 1.1),
    sample("fastget", 3, 1.12),
    sample("curl", 1, 9)
  ]

  it("has the median of the rounds, and of FastGet what is asked and whether it is reached", () => {
    const [, ours, curl] = LimitTable.make(samples)
    expect(ours).toEqual([
      "100/s, Retry-After: 1",
      "FastGet",
      "1 (1–1)",
      "1.25 (1.25–1.25), at most 1.15",
      "1.12 (1.10–1.50), at most 1.2",
      "",
      "missed: requests ÷ entries"
    ])
    expect(curl!.slice(1)).toEqual(["`curl -Z --retry 20`", "1", "1.25", "9", "", ""])
    expect(Clients.all.map(({ name }) => name)).toContain("curl")
  })

  it("is in the document, or that it was not measured yet", () => {
    expect(Document.section(undefined)).toContain("Not measured yet.")
    const machine = { cpu: "a CPU", cores: 2, memoryGiB: 1, system: "a system", versions: { node: "20" } }
    const text = Document.section({ date: "2026-11-26T00:00:00Z", command: "npm run bench", machine, samples })
    expect(text).toContain("| 100/s, Retry-After: 1 |")
    expect(text).toContain("3 rounds")
  })
})
