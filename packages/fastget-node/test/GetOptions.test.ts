import * as GetOptions from "#internal/client/GetOptions"
import { expect, it } from "@effect/vitest"

it("limits that are not given have their defaults, and those of a chunk go before the client's", () => {
  const limits = GetOptions.limitsOf({ headersTimeout: 5, timeout: 7 })
  expect(limits).toEqual({
    timeout: 7,
    deadline: Infinity,
    headersTimeout: 5,
    bodyTimeout: 30_000,
    maxBodyBytes: 33_554_432,
    maxHeaderBytes: 16_384
  })
  const chunk = { timeout: 1, deadline: 2, maxBodyBytes: 3, kept: true }
  expect(GetOptions.within(limits, chunk)).toEqual({ ...limits, timeout: 1, deadline: 2, maxBodyBytes: 3 })
})
