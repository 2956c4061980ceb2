import * as DownOrigin from "#internal/http/DownOrigin"
import * as RequestEnd from "#internal/http/RequestEnd"
import type { RequestResult } from "#internal/http/RequestResult"
import * as OriginGate from "#internal/origin/OriginGate"
import * as OriginTable from "#internal/traffic/OriginTable"
import * as SharedTraffic from "#internal/traffic/SharedTraffic"
import * as TableLayout from "#internal/traffic/TableLayout"
import * as SharedBytes from "#internal/wire/SharedBytes"
import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import type { Reason } from "fastget/Reason"

const origin = "http://a.example"
const rules = { connections: 1000, rate: undefined, throttle: { giveUpAfter: 1000 }, adaptive: false }

/** A gate, and how to ask it for the origin: with an epoch a request may begin, with `down` its entry ends. */
const make = () => {
  const table = OriginTable.make({ threads: 1, inAll: Infinity, isShared: false })
  const gate = new OriginGate.OriginGate({ traffic: SharedTraffic.make({ table, thread: 1, rulesFor: () => rules }) })
  const run = SharedBytes.join(1, SharedBytes.make(1024).chunk())
  const ask = (): number => {
    let told = NaN
    gate.acquire(origin, run, (epoch) => {
      told = epoch
    })
    return told
  }
  return { gate, ask }
}

/** So many requests that were sent three seconds ago end like this. */
const end = ({ ask, gate }: ReturnType<typeof make>, requests: number, reason: Reason, status = 0) => {
  const result: RequestResult = { url: origin, status, headers: {}, bytes: 0, result: Either.left(reason) }
  const epochs = Array.from({ length: requests }, ask)
  for (const epoch of epochs) {
    gate.feedback(origin, RequestEnd.of(result, epoch, performance.now() - 3000, 0))
    gate.release(origin)
  }
}

const refusedConnection: Reason = { _tag: "Connect", address: "127.0.0.1", port: 9, code: "ECONNREFUSED" }

describe("why an entry ends unasked", () => {
  it("is that the origin is down, what was seen there last, since when, and how many ended so", () => {
    const made = make()
    const before = new Date().getTime()
    end(made, 10, refusedConnection)
    const after = new Date().getTime()
    expect([made.ask(), made.ask()]).toEqual([OriginGate.down, OriginGate.down])
    const reason = DownOrigin.reasonOf(made.gate, origin)
    expect(reason).toMatchObject({ _tag: "OriginDown", last: refusedConnection, skipped: 2 })
    const { since } = reason as Extract<Reason, { readonly _tag: "OriginDown" }>
    // Two clocks, and it is rounded.
    expect(since).toBeGreaterThanOrEqual(before - 10)
    expect(since).toBeLessThanOrEqual(after + 10)
  })

  it("is that nothing answered, where what was seen is too long for the table", () => {
    const made = make()
    end(made, 10, { _tag: "Connect", code: "E".repeat(TableLayout.reasonBytes) })
    expect(made.ask()).toBe(OriginGate.down)
    expect(DownOrigin.reasonOf(made.gate, origin)).toMatchObject({
      _tag: "OriginDown",
      last: { _tag: "Transport", detail: "nothing answered" }
    })
  })

  it("is the refusal itself, where it has refused everything for too long", () => {
    const made = make()
    const refusal: Reason = { _tag: "Status", status: 429, retryAfter: 5, snippet: "too many" }
    end(made, 1, refusal, 429)
    expect(made.ask()).toBe(OriginGate.down)
    expect(DownOrigin.reasonOf(made.gate, origin)).toEqual({ ...refusal, snippet: "" })
  })
})

it("is that nothing answers where an origin gave up, and a request then found nothing that answers", () => {
  const { ask, gate } = make()
  const result = (reason: Reason, status: number): RequestResult => ({
    url: origin,
    status,
    headers: {},
    bytes: 0,
    result: Either.left(reason)
  })
  const [refusedEpoch, otherEpoch] = [ask(), ask()]
  const refusal: Reason = { _tag: "Status", status: 429, retryAfter: 5, snippet: "" }
  gate.feedback(origin, RequestEnd.of(result(refusal, 429), refusedEpoch!, performance.now() - 3000, 0))
  gate.feedback(origin, RequestEnd.of(result(refusedConnection, 0), otherEpoch!, performance.now(), 0))
  expect(ask()).toBe(OriginGate.down)
  expect(DownOrigin.reasonOf(gate, origin)).toMatchObject({ _tag: "OriginDown", last: { _tag: "Connect" } })
})
