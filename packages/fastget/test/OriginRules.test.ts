import * as OriginRules from "#internal/config/OriginRules"
import * as OriginsOption from "#internal/config/OriginsOption"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { FastGetConfig } from "fastget"

const settingsOf = (options: FastGetConfig.LayerOptions) =>
  Effect.runSync(FastGetConfig.resolve(options, FastGetConfig.defaults(1)))

const rulesFor = (origin: string, options: FastGetConfig.LayerOptions) =>
  OriginRules.rulesFor(origin, settingsOf(options))

const problemOf = (origins: unknown): string | undefined =>
  OriginsOption.origins({ scope: "layer", description: "" }).problem?.(origins as FastGetConfig.Origins)

const perSecond = (requests: number) => ({ requests, per: 1000, burst: undefined })

describe("the rules of an origin", () => {
  it("are the options of the layer", () => {
    expect(rulesFor("https://a.example", {})).toEqual({
      connections: 64,
      rate: undefined,
      throttle: { giveUpAfter: 900_000 },
      adaptive: false
    })
    const options = { connectionsPerOrigin: 3, rate: "5/s", throttle: false, concurrency: "adaptive" } as const
    expect(rulesFor("https://a.example", options)).toEqual({
      connections: 3,
      rate: perSecond(5),
      throttle: undefined,
      adaptive: true
    })
  })

  it("are those of the most specific rule that says something of a limit", () => {
    const options: FastGetConfig.LayerOptions = {
      rate: "1/s",
      origins: {
        "*.example": { rate: "2/s", connections: 2 },
        "*.a.example": { rate: "3/s", connections: 3 },
        "api.a.example": { rate: "4/s", connections: 4 },
        "https://api.a.example": { rate: "5/s" }
      }
    }
    const limits = (origin: string) => {
      const { connections, rate } = rulesFor(origin, options)
      return [rate?.requests, connections]
    }
    expect(limits("https://api.a.example")).toEqual([5, 4])
    expect(limits("http://api.a.example")).toEqual([4, 4])
    expect(limits("https://api.a.example:8443")).toEqual([4, 4])
    expect(limits("https://b.a.example")).toEqual([3, 3])
    expect(limits("https://a.example")).toEqual([2, 2])
    // A name is not under itself, nor is one that only ends like it.
    expect(limits("https://example")).toEqual([1, 64])
    expect(limits("https://anexample")).toEqual([1, 64])
    expect(limits("https://other.test")).toEqual([1, 64])
  })

  it("know addresses, ports that go without saying, and names in other letters", () => {
    const origins = {
      "HTTPS://A.Example:443/": { connections: 2 },
      "[::1]": { connections: 3 },
      "http://127.0.0.1:8080": { connections: 4 },
      "bücher.example": { connections: 5 }
    }
    const connections = (origin: string) => rulesFor(origin, { origins }).connections
    expect(connections("https://a.example")).toBe(2)
    expect(connections("http://[::1]:8080")).toBe(3)
    expect(connections("http://127.0.0.1:8080")).toBe(4)
    expect(connections("https://xn--bcher-kva.example")).toBe(5)
  })

  it("allow no more connections than there may be in all", () => {
    expect(rulesFor("http://a", { maxConnections: 3, origins: { a: { connections: 7 } } }).connections).toBe(3)
    expect(rulesFor("http://a", { maxConnections: 3 }).connections).toBe(3)
  })
})

describe("the option origins", () => {
  const noOrigin = "is no origin (https://api.example.com), host (api.example.com) or pattern (*.example.com)"

  it.each([
    ["https://a/path", "\"https://a/path\" is more than an origin, which is https://a"],
    ["https://a?", "\"https://a?\" is more than an origin, which is https://a"],
    ["ftp://a", "\"ftp://a\" is fetched by nobody: only http: and https: are"],
    ["htps:/a", `"htps:/a" ${noOrigin}`],
    ["a b", `"a b" ${noOrigin}`],
    ["", `"" ${noOrigin}`],
    ["a/", `"a/" ${noOrigin}`],
    ["a.*", `"a.*" ${noOrigin}`],
    ["*.10.0.0.1", `"*.10.0.0.1" ${noOrigin}`],
    ["https://*.a", `"https://*.a" ${noOrigin}`],
    ["*", "\"*\" is all origins: rate and connectionsPerOrigin are for these"],
    ["a:80", `"a:80" ${noOrigin}; a host with its port is http://a:80 or https://a:80`]
  ])("refuses the origin %j and says why", (pattern, problem) => {
    expect(problemOf({ [pattern]: {} })).toBe(problem)
  })

  it("refuses users in origins without telling who they are", () => {
    for (const pattern of ["https://me:s3cr3t@a", "me:s3cr3t@a", "https://me:s3cr3t@"]) {
      expect(problemOf({ [pattern]: {} })).toContain("***@")
      expect(problemOf({ [pattern]: {} })).not.toContain("s3cr3t")
    }
  })

  it("refuses the same origin in two spellings", () => {
    expect(problemOf({ "https://A:443": {}, "https://a/": {} })).toBe(
      "\"https://A:443\" and \"https://a/\" are the same"
    )
    expect(problemOf({ "*.A": {}, "*.a": {} })).toBe("\"*.A\" and \"*.a\" are the same")
    expect(problemOf({ "https://a": {}, "http://a": {}, "a": {}, "*.a": {} })).toBeUndefined()
  })

  it("refuses limits that are none, and names that do not exist", () => {
    expect(problemOf({ a: { rates: 1 } })).toBe(
      "\"a\" has no \"rates\", but rate and connections; perhaps rate was meant"
    )
    expect(problemOf({ a: { connections: 0 } })).toBe("connections of \"a\" are a whole number from 1 to 65535")
    expect(problemOf({ a: { rate: "5" } })).toContain("rate of \"a\" can't be so: a rate needs its time, 5/s or 5/min;")
    expect(problemOf({ a: { rate: "0/s" } })).toContain("rate of \"a\" can't be so; it takes requests")
    expect(problemOf({ a: { rate: { burst: 5 } } })).toContain(
      "rate of \"a\" can't be so: it has no requests and no per"
    )
    expect(problemOf({ a: 5 })).toBe("\"a\" takes { rate, connections }")
    for (const wrong of [null, [], "a", 5]) expect(problemOf(wrong)).toBe("they are no object")
  })

  it("is refused by name and without what may be a secret", () => {
    const error = Effect.runSync(Effect.flip(
      FastGetConfig.resolve({ origins: { "https://me:s3cr3t@a": {} } }, FastGetConfig.defaults(1))
    ))
    expect(error.message).toContain("The option origins can't be the given origins: \"https://***@a\" has a user in it")
    expect(JSON.stringify(error)).not.toContain("s3cr3t")
  })
})
