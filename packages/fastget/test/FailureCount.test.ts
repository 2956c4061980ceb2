import { FailureCount } from "#internal/run/FailureCount"
import { expect, it } from "@effect/vitest"

it("failures are counted in all, and given by reason once", () => {
  const failures = new FailureCount()
  const flushed: Array<Record<string, number>> = []
  const flush = () => failures.flush((byReason) => flushed.push(Object.fromEntries(byReason)))
  for (const reason of ["Dns", "Reset", "Dns"]) failures.add(reason)
  flush()
  flush()
  failures.add("Dns")
  flush()
  expect(flushed).toEqual([{ Dns: 2, Reset: 1 }, {}, { Dns: 1 }])
  expect(failures.all()).toBe(4)
  expect(Object.fromEntries(failures.byReason())).toEqual({ Dns: 3, Reset: 1 })
})
