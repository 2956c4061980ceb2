import * as DnsCache from "#internal/sockets/DnsCache"
import { describe, expect, it } from "@effect/vitest"
import type { LookupAddress } from "node:dns"
import type { LookupFunction } from "node:net"

type Answer = (error: NodeJS.ErrnoException | null, addresses: Array<LookupAddress>) => void

/** A cache over a resolver that answers when it is told to. */
const make = (ttl = 10_000) => {
  const asked: Array<Answer> = []
  const lookup = ((_name: string, _options: object, done: Answer) => void asked.push(done)) as LookupFunction
  const cached = DnsCache.make(ttl, lookup)
  const ask = () => {
    const seen: Array<unknown> = []
    cached("a.example", { all: true }, (error, addresses) => seen.push(error ?? addresses))
    return seen
  }
  return { asked, ask }
}

const addresses = [{ address: "127.0.0.1", family: 4 }]

describe("a cache of host names", () => {
  it("asks once for a name that several wait for, and keeps the answer", () => {
    const { ask, asked } = make()
    const waiting = [ask(), ask()]
    expect(asked.length).toBe(1)
    asked[0]!(null, addresses)
    expect([...waiting, ask()]).toEqual([[addresses], [addresses], [addresses]])
    expect(asked.length).toBe(1)
  })

  it("asks again after a failure, and when the answer is too old", () => {
    const { ask, asked } = make(-1)
    const failed = ask()
    const error = new Error("no such name")
    asked[0]!(error, [])
    expect(failed).toEqual([error])
    ask()
    asked[1]!(null, addresses)
    ask()
    expect(asked.length).toBe(3)
  })

  it("tells everybody who waits of an error that the lookup throws, and asks again", () => {
    let asked = 0
    const failure = new Error("no such name")
    const cached = DnsCache.make(10_000, () => {
      asked++
      throw failure
    })
    const seen: Array<unknown> = []
    const ask = () => cached("a.example", { all: true }, (error) => void seen.push(error))
    ask()
    ask()
    expect(seen).toEqual([failure, failure])
    expect(asked).toBe(2)
  })
})
