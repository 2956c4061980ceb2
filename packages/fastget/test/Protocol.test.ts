import type { WireChunk } from "#internal/wire/Chunk"
import * as Protocol from "#internal/wire/Protocol"
import { describe, expect, it } from "@effect/vitest"
import { FetchWorker } from "fastget"

describe("Protocol", () => {
  it("has the version that FetchWorker tells", () => {
    expect(Protocol.protocol).toBe(FetchWorker.protocol)
    expect(Protocol.hello({ told: "x" })).toEqual({ _tag: "Hello", protocol: Protocol.protocol, told: "x" })
  })

  it("takes a chunk of its own version only: what else comes is greeted", () => {
    const chunk = { urls: ["http://a/"] } as unknown as WireChunk
    const request = { _tag: "Chunk", protocol: Protocol.protocol, number: 3, chunk } as const
    expect(Protocol.chunkOf(request)).toBe(request)
    expect(Protocol.chunkOf({ ...request, protocol: Protocol.protocol - 1 })).toBeUndefined()
    expect(Protocol.chunkOf({ _tag: "Hello", protocol: Protocol.protocol })).toBeUndefined()
  })
})
