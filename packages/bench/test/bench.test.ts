import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs/promises"
import { tmpdir } from "node:os"
import * as Clients from "../src/Clients.js"
import * as NodeServer from "../src/NodeServer.js"
import * as Options from "../src/Options.js"
import * as Runner from "../src/Runner.js"
import type { Row, Scenario } from "../src/Scenario.js"
import * as Server from "../src/Server.js"
import * as Statistics from "../src/Statistics.js"
import * as Table from "../src/Table.js"

const entries = 200

const row = (client: Clients.Client): Row => ({
  id: client.name,
  label: client.label,
  client,
  endpoint: { path: "tiny" },
  entries,
  baseline: Clients.undiciRequest.name
})

const scenario = (...clients: ReadonlyArray<Clients.Client>): Scenario => ({
  name: "tiny",
  title: "Tiny",
  about: "",
  rounds: 2,
  warmup: 10,
  rows: clients.map(row)
})

/** Gives a wrong report, by what its name says is wrong. */
const lying = (lie: "answers" | "read" | "requests"): Clients.Client => ({
  name: lie,
  label: `the liar about ${lie}`,
  command: Effect.succeed([process.execPath, new URL("./clients/lying.mjs", import.meta.url).pathname, lie])
})

const folder = Effect.acquireRelease(
  Effect.promise(() => Fs.mkdtemp(`${tmpdir()}/bench-`)),
  (path) => Effect.promise(() => Fs.rm(path, { recursive: true }))
)

/** Without nginx, which is not everywhere. */
const nodeOnly = Effect.map(NodeServer.make({ originCount: 1, certificate: undefined }), (main): Server.Servers => ({
  main,
  delaying: main,
  ca: undefined
}))

describe("a run", () => {
  it.scopedLive("measures each client once a round, in turns, over whichever server there is", () =>
    Effect.gen(function*() {
      const servers = yield* Effect.flatMap(folder, Server.make)
      const { samples, skipped } = yield* Runner.run(scenario(Clients.fastget, Clients.undiciRequest), servers)
      expect(skipped).toEqual([])
      expect(samples.map(({ answers, round, row }) => [round, row, answers])).toEqual([
        [1, "fastget", entries],
        [1, "undici-request", entries],
        [2, "fastget", entries],
        [2, "undici-request", entries]
      ])
      for (const { cpuMicros, rssBytes, seconds } of samples) {
        expect(seconds).toBeGreaterThan(0)
        expect(cpuMicros).toBeGreaterThan(0)
        expect(rssBytes).toBeGreaterThan(2 ** 20)
      }
    }))

  it.scopedLive("leaves out a client that the machine does not have", () =>
    Effect.gen(function*() {
      const absent: Clients.Client = { ...Clients.got, command: Effect.succeed(undefined) }
      const { samples, skipped } = yield* Runner.run(scenario(absent), yield* nodeOnly)
      expect(samples).toEqual([])
      expect(skipped).toEqual(["got + p-map"])
    }))

  it.scopedLive("fails when a client gave fewer answers than entries, did not read them, or did not ask", () =>
    Effect.gen(function*() {
      const servers = yield* nodeOnly
      const messages = yield* Effect.forEach(
        ["answers", "read", "requests"] as const,
        (lie) => Effect.map(Effect.flip(Runner.run(scenario(lying(lie)), servers)), ({ message }) => message)
      )
      expect(messages).toEqual([
        "the liar about answers gave 199 answers for 200 entries",
        "the liar about read did not read every answer's field",
        "the liar about requests had 0 requests counted by the server for 200 entries"
      ])
    }))
})

describe("statistics", () => {
  const sample = (row: string, round: number, seconds: number) => ({
    row,
    round,
    seconds,
    answers: 100,
    read: 1200,
    quickSeconds: seconds,
    cpuMicros: 1
  })
  const result = {
    scenario: "tiny",
    date: "",
    command: "",
    machine: { cpu: "", cores: 1, memoryGiB: 1, system: "", versions: {} },
    server: "",
    warmup: 0,
    rows: [{ id: "a", label: "A", client: "a", entries: 100, baseline: "b" }],
    skipped: [],
    samples: [sample("a", 1, 1), sample("b", 1, 2), sample("a", 2, 10), sample("b", 2, 40), sample("a", 3, 1)]
  }

  it("takes ratios within a round, and leaves out a round without the other", () => {
    expect(Statistics.ratio(scenario(), result, "a", "b", Statistics.rate)).toEqual({ median: 3, min: 2, max: 4 })
  })

  it("knows nothing of nothing", () => {
    expect(Statistics.figure(scenario(), result, "c", Statistics.rate)).toBeUndefined()
  })

  it("fills a table with them", () => {
    expect(Table.make(scenario(), result)[1]?.slice(0, 4)).toEqual(["A", "100", "100", "3.00× (2.00–4.00)"])
  })
})

describe("the command line", () => {
  it.effect("keeps the results of a whole run only", () =>
    Effect.gen(function*() {
      const kept = (...args: ReadonlyArray<string>) => Effect.map(Options.parse(args), ({ keep }) => keep)
      expect(yield* kept()).toBe(true)
      expect(yield* kept("--full", "--scenario", "tiny,scale", "--rounds", "7")).toBe(true)
      expect(yield* kept("--quick")).toBe(false)
      expect(yield* kept("--rounds", "1")).toBe(false)
      expect(yield* kept("--entries", "10")).toBe(false)
      expect(yield* kept("--clients", "fastget")).toBe(false)
      expect(yield* kept("--against", "../other")).toBe(false)
    }))

  it.effect("sets FastGet against that of another checkout, where the scenario has it", () =>
    Effect.gen(function*() {
      const { scenarios } = yield* Options.parse(["--against", "../other", "--scenario", "tiny,start"])
      expect(scenarios.map(({ name, rows }) => [name, rows.map(({ baseline, id, label }) => [id, label, baseline])]))
        .toEqual([
          ["tiny", [["fastget", "FastGet", "fastget-against"], ["fastget-against", "FastGet of other", undefined]]]
        ])
      const [, other] = scenarios[0]!.rows
      const command = yield* other!.client.command
      expect(command?.[1]).toContain("other/packages/bench/dist/clients/fastget.js")
    }))

  it.effect("names what it does not know", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Options.parse(["--scenario", "huge"]))
      expect(error.message).toContain("There is no scenario huge")
    }))
})
