import { describe, expect, it } from "@effect/vitest"
import type { Model, Range } from "./Models.js"
import * as Models from "./Models.js"
import * as Simulation from "./Simulation.js"

const seeds = [1, 2, 3, 4, 5, 6, 7, 8]

const day = 24 * 3_600_000

/** All programs of a model at one server, with the times of their starts by the seed. */
const run = (model: Model, seed: number): ReadonlyArray<Simulation.Result> => {
  const chance = Simulation.random(seed)
  const events = new Simulation.Events()
  events.now += 1000 * chance()
  const server = model.server(chance, events.now)
  const results = Array.from({ length: model.programs ?? 1 }, (_, n) =>
    Simulation.pool(events, server, {
      entries: model.entries,
      seed: 100 * seed + n,
      lateness: 2,
      way: 0.5,
      ...(model.rules === undefined ? undefined : { rules: model.rules })
    }))
  events.run(events.now + day)
  return results
}

const expectWithin = (value: number, [least, most]: Range) => {
  expect(value).toBeGreaterThanOrEqual(least)
  expect(value).toBeLessThanOrEqual(most)
}

describe.each([...Models.hardLimits, ...Models.others])("a server: $name", (model) => {
  it("is asked within the accepted ranges", () => {
    for (const seed of seeds) {
      for (const { down, failed, requests, succeeded, wall } of run(model, seed)) {
        expect(succeeded + failed + down).toBe(model.entries)
        expectWithin(succeeded, model.succeeded)
        expectWithin(requests / model.entries, model.waste)
        expectWithin(wall / model.ideal, model.wall)
      }
    }
  })
})

describe("a limit that changes in mid-run", () => {
  const rateBetween = ({ succeededAt }: Simulation.Result, from: number, to: number) =>
    succeededAt.filter((at) => at >= from && at < to).length * 1000 / (to - from)

  it.each(Models.changed)("is found within 10 s: $name", ({ model, perSecond }) => {
    for (const seed of seeds) {
      const [result] = run(model, seed)
      expect(rateBetween(result!, 25_000, 28_000) / perSecond).toBeGreaterThan(0.8)
    }
  })
})

describe("a limit of some entries", () => {
  it("slows the others for a few seconds at most", () => {
    for (const model of Models.others.filter(({ name }) => name.startsWith("429 for one path"))) {
      for (const seed of seeds) expect(run(model, seed)[0]!.succeededAt.at(-1)!).toBeLessThan(10_000)
    }
  })
})
