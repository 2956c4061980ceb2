import * as Redacted from "effect/Redacted"
import { expect, it } from "vitest"
import type { FetchPayload } from "../src/internal/protocol/OriginEntity.js"
import { protocol } from "../src/internal/protocol/OriginEntity.js"
import * as RunOptions from "../src/internal/runner/RunOptions.js"

const payload = (changes: Partial<FetchPayload> = {}): FetchPayload => ({
  client: "a",
  run: 1,
  chunk: 1,
  protocol,
  lanes: 1,
  finished: [],
  as: "json",
  withHeaders: false,
  quick: true,
  urls: [],
  settings: {
    timeout: 1000,
    deadline: Infinity,
    retry: { times: 1, base: 1, cap: 2, budget: Infinity },
    headers: { accept: "text/plain", authorization: "secret" },
    headersElsewhere: { accept: "text/plain" },
    maxRedirects: 3,
    maxBodyBytes: 4,
    emptyBody: "null",
    decodeTimeout: 5
  },
  ...changes
})

it("the settings of a client's stream are those of the run, and its secrets stay secrets", () => {
  const { headers = {}, ...others } = RunOptions.of(payload(), undefined).options
  expect(others).toEqual({
    timeout: 1000,
    deadline: "none",
    retry: { times: 1, base: 1, cap: 2, budget: Infinity },
    maxRedirects: 3,
    maxBodyBytes: 4,
    emptyBody: "null",
    decodeTimeout: 5,
    fastPath: true
  })
  expect([headers["accept"], Redacted.isRedacted(headers["authorization"])]).toEqual(["text/plain", true])
})

it("a rate of the stream's own is kept where it is lower than the runner's", () => {
  const own = { requests: 10, per: 1000, burst: undefined }
  const rateOf = (layer: RunOptions.Rate) => RunOptions.of(payload({ rate: own }), layer).options.rate
  expect(rateOf(undefined)).toEqual({ requests: 10, per: 1000 })
  expect(rateOf({ requests: 20, per: 1000, burst: undefined })).toEqual({ requests: 10, per: 1000 })
  expect(rateOf({ requests: 5, per: 1000, burst: undefined })).toBeUndefined()
})

it("origins that are told the client's trace are told that of the runner's run, which is in the same", () => {
  const { settings } = payload()
  const trace = { traceparent: "00-1-2-01", origins: ["https://a.example"] }
  const { options } = RunOptions.of(payload({ settings: { ...settings, trace } }), undefined)
  expect(options.propagate).toEqual(["https://a.example"])
  expect(options).not.toHaveProperty("trace")
})
