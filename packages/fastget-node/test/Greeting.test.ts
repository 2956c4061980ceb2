import * as Greeting from "#internal/threads/Greeting"
import { describe, expect, it } from "@effect/vitest"

const told = "7"

const lost = (reply: Greeting.Reply, mustKeep: Record<string, unknown>) => {
  const error = Greeting.check(reply, told, mustKeep)
  return error?.reason._tag === "Options" ? error.reason.lost : error
}

describe("the greeting of a thread", () => {
  it("is fine where its client keeps what was asked for, or the worker says that it does in another way", () => {
    const mustKeep = { denyPrivate: { allow: ["10.0.0.1"] }, dnsTtl: 5 }
    expect(lost({ told, kept: structuredClone(mustKeep) }, mustKeep)).toBeUndefined()
    expect(lost({ told, kept: { dnsTtl: 5 }, keeps: ["denyPrivate"] }, mustKeep)).toBeUndefined()
    expect(lost({ told, kept: { dnsTtl: 6 } }, mustKeep)).toEqual(["denyPrivate", "client.dnsTtl"])
  })

  it("of a thread that was started with the options of another is refused", () => {
    expect(lost({ told: "6", kept: { dnsTtl: 5 } }, { dnsTtl: 5 })).toEqual(["client.dnsTtl"])
  })

  it("has to say of those options only that nothing else keeps", () => {
    const options = { connectTimeout: 10_000, denyPrivate: false, timeout: 5, dnsTtl: 9, tls: undefined }
    expect(Greeting.mustKeep(options)).toEqual({ dnsTtl: 9 })
    expect(Greeting.mustKeep({ connectTimeout: 10_001 })).toEqual({ connectTimeout: 10_001 })
  })
})
