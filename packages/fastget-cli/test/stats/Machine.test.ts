import { expect, it } from "@effect/vitest"
import * as Machine from "../../src/stats/Machine.js"

const reading: Machine.Reading = {
  process: 0,
  machineBusy: 0,
  machineTotal: 0,
  mainActive: 0,
  mainIdle: 0,
  throttled: 0
}

it("says which share of the time was used between two readings", () => {
  const to = { process: 0, machineBusy: 300, machineTotal: 400, mainActive: 25, mainIdle: 75, throttled: 10 }
  expect(Machine.usage(reading, to, 100)).toMatchObject({ process: 0, machine: 0.75, main: 0.25, throttled: 0.1 })
})

it("says nothing of the machine where the system tells nothing, and no share is above 1", () => {
  expect(Machine.usage(reading, { ...reading, process: 1e9, mainActive: 1 }, 100)).toMatchObject({
    process: 1,
    machine: undefined,
    main: 1
  })
  expect(Machine.usage(reading, reading, 0)).toMatchObject({ process: 0, main: 0, throttled: 0 })
})

it("reads counters that do not go back", () => {
  const [first, second] = [Machine.read(), Machine.read()]
  for (const name of ["process", "machineBusy", "mainActive"] as const) {
    expect(second[name]).toBeGreaterThanOrEqual(first[name])
  }
})
