import * as ConcurrencyOption from "#internal/config/ConcurrencyOption"
import * as DenyPrivateOption from "#internal/config/DenyPrivateOption"
import * as HeadersOption from "#internal/config/HeadersOption"
import * as LogLevelOption from "#internal/config/LogLevelOption"
import * as OriginsOption from "#internal/config/OriginsOption"
import * as RateOption from "#internal/config/RateOption"
import * as RetryOption from "#internal/config/RetryOption"
import * as ThrottleOption from "#internal/config/ThrottleOption"
import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as OptionField from "fastget/platform/OptionField"
import * as OptionTable from "fastget/platform/OptionTable"

const about = { scope: "both", description: "An option." } as const

/** What a field makes of a text in the environment, or the message of its refusal. */
const read = <Input>(field: OptionField.OptionField<Input, unknown>, text: string) =>
  Effect.runSync(
    ConfigProvider.fromMap(new Map([["X", text]])).load(field.config("X")).pipe(
      Effect.catchAll((error) => Effect.succeed(String(error)))
    )
  )

describe("a field", () => {
  it("of a whole number takes its bounds and nothing beyond", () => {
    const field = OptionField.integer({ ...about, min: 1, max: 3, default: 2 })
    expect([0, 1, 3, 4, 1.5, NaN].map(field.parse)).toEqual([undefined, 1, 3, undefined, undefined, undefined])
    expect([field.range, field.placeholder]).toEqual(["a whole number from 1 to 3", "N"])
    expect(read(field, " 2 ")).toBe(2)
    expect(read(field, "two")).toContain("X can't be \"two\": it takes a whole number from 1 to 3")
  })

  it("of a truth takes true and false", () => {
    const field = OptionField.boolean({ ...about, default: false })
    expect([true, false, "true" as never].map(field.parse)).toEqual([true, false, undefined])
    expect([read(field, "yes"), read(field, "0")]).toEqual([true, false])
  })

  it("of a duration takes what a timer can wait for, in milliseconds", () => {
    const field = OptionField.duration({ ...about, default: "2 seconds" })
    expect([field.default, field.shown]).toEqual([2000, "\"2 seconds\""])
    const given: ReadonlyArray<Duration.DurationInput> = ["1 second", 5, Duration.minutes(1), 0, "25 days"]
    expect(given.map((input) => field.parse(input))).toEqual([1000, 5, 60_000, undefined, undefined])
    expect(field.parse("soon" as never)).toBe(undefined)
    expect(OptionField.millis("1 second")).toBe(1000)
    expect(read(field, "10")).toContain("a number needs its unit, 10s or 10ms")
    expect(read(field, "x")).toContain(OptionField.durationAsText)
  })

  it("of a duration or none takes both", () => {
    const field = OptionField.optionalDuration(about)
    expect([field.parse("none"), field.parse(7), field.default]).toEqual([Infinity, 7, Infinity])
    expect(read(field, "none")).toBe("none")
  })

  it("of some words takes these", () => {
    const field = OptionField.literal({ ...about, values: ["a", "b"], default: "a" })
    expect([field.parse("b"), field.parse("c" as never)]).toEqual(["b", undefined])
    expect(read(field, "c")).toContain("it takes \"a\" or \"b\"")
  })

  it("without a default keeps everything else", () => {
    const field = OptionField.integer({ ...about, min: 1, max: 3, default: 2 })
    expect(OptionField.withoutDefault(field, "none")).toEqual({ ...field, default: undefined, shown: "none" })
  })
})

describe("the options of a kind of their own", () => {
  it("concurrency is a number or unbounded", () => {
    const field = ConcurrencyOption.concurrency(about)
    expect([field.parse("unbounded"), field.parse(7), field.parse(0)]).toEqual([Infinity, 7, undefined])
    expect([read(field, "unbounded"), read(field, "7")]).toEqual(["unbounded", 7])
  })

  it("retry fills its parts up, and names one that does not exist", () => {
    const field = RetryOption.retry(about)
    expect(field.parse({ base: "1 second" })).toEqual({ ...field.default, base: 1000 })
    expect(field.problem?.({ time: 1 } as object)).toContain("perhaps times was meant")
  })

  it("headers are in small letters and in the clear, and a text is one a line", () => {
    const field = HeadersOption.headers(about)
    expect(field.parse({ "X-A": Redacted.make("1"), b: "2" })).toEqual({ "x-a": "1", b: "2" })
    const headers = read(field, "accept: a/b\n\nAuthorization: s3cr3t") as HeadersOption.Headers
    expect(headers["accept"]).toBe("a/b")
    expect(Redacted.isRedacted(headers["Authorization"])).toBe(true)
    expect(HeadersOption.secretNames(headers, ["x-a"])).toEqual(["x-a", "authorization"])
    expect(HeadersOption.secretNames({ "X-A": "1" }, ["x-a"])).toEqual([])
  })

  it("denyPrivate is a truth, or addresses to allow", () => {
    const field = DenyPrivateOption.denyPrivate(about)
    expect([field.parse(true), field.parse({ allow: ["::1"] }), field.parse({ allow: ["a.example"] })])
      .toEqual([true, { allow: ["::1"] }, undefined])
    expect([read(field, "true"), read(field, "10.0.0.0/8, ::1")]).toEqual([true, { allow: ["10.0.0.0/8", "::1"] }])
  })

  it("logLevel is a level, its name, and in a text its label in any case", () => {
    const field = LogLevelOption.logLevel(about)
    expect([field.parse("Debug"), field.parse(LogLevel.None), field.parse("Loud" as never)])
      .toEqual([LogLevel.Debug, LogLevel.None, undefined])
    expect(read(field, "WARN")).toBe(LogLevel.Warning)
  })
})

describe("a table of options", () => {
  const table = {
    "a.maxSize": OptionField.integer({ ...about, min: 1, max: 3, default: 2 }),
    "secret": OptionField.field<string, string, "layer">({
      scope: "layer",
      default: "",
      range: "a word",
      redactedAs: "the given secret",
      description: "A secret.",
      parse: () => undefined,
      problem: () => "it is none",
      config: OptionField.literal({ ...about, values: ["x"], default: "x" }).config
    })
  }

  it("names each in the environment by its inner name", () => {
    expect(Object.keys(table).map(OptionTable.environmentName)).toEqual(["FASTGET_MAX_SIZE", "FASTGET_SECRET"])
  })

  it("checks a value, and repeats no secret in why it can't be", () => {
    expect(OptionTable.check("a.maxSize", table["a.maxSize"], 3)).toMatchObject({ right: 3 })
    expect(OptionTable.check("a.maxSize", table["a.maxSize"], 4)).toMatchObject({
      left: { message: "The option a.maxSize can't be 4: it takes a whole number from 1 to 3" }
    })
    expect(OptionTable.check("secret", table.secret, "s3cr3t")).toMatchObject({
      left: { message: "The option secret can't be the given secret: it is none; it takes a word" }
    })
  })

  it("refuses a name it does not have, and takes what is undefined for not given", () => {
    expect(OptionTable.onlyKnown({ b: undefined, a: 1 }, ["a"])).toMatchObject({ _tag: "Right" })
    expect(OptionTable.onlyKnown({ maxSise: "s3cr3t" }, ["maxSize"], "a.")).toMatchObject({
      left: {
        message: "The option a.maxSise can't be given here: there is no such option; perhaps maxSize was meant"
      }
    })
  })

  it.effect("is read from the environment; what is not set is not there", () =>
    Effect.gen(function*() {
      const load = (given: Record<string, string>) =>
        ConfigProvider.fromMap(new Map(Object.entries(given))).load(OptionTable.fromEnv(table))
      expect(yield* load({})).toEqual({})
      expect(yield* load({ FASTGET_MAX_SIZE: "3" })).toEqual({ "a.maxSize": 3 })
      expect(String(yield* Effect.flip(load({ FASTGET_MAX_SIZE: "x" })))).toContain("FASTGET_MAX_SIZE can't be \"x\"")
    }))
})

describe("the fields of limits", () => {
  it("of a rate take it as parts and as text, and tell its time in milliseconds", () => {
    const { parse } = RateOption.rate(about)
    const rate = (requests: number, per: number, burst?: number) => ({ requests, per, burst })
    expect(parse("100/s")).toEqual(rate(100, 1000))
    expect(parse(" 600 / min ".trim() as "600/min")).toEqual(rate(600, 60_000))
    expect(parse("5000/h")).toEqual(rate(5000, 3_600_000))
    expect(parse("1/10s")).toEqual(rate(1, 10_000))
    expect(parse("3/1m30s")).toEqual(rate(3, 90_000))
    expect(parse({ requests: 2, per: "1 minute", burst: 7 })).toEqual(rate(2, 60_000, 7))
    // As a file of limits has it.
    expect(parse({ requests: 2, per: "90s" as never })).toEqual(rate(2, 90_000))
    expect(parse({ requests: 2, per: 250 })).toEqual(rate(2, 250))
  })

  it("of a rate say what to write in place of what is nearly one", () => {
    const { problem } = RateOption.rate(about)
    expect(problem?.("100" as never)).toBe("a rate needs its time, 100/s or 100/min")
    expect(problem?.("0.5/s")).toBe("requests are whole: 1/2s")
    expect(problem?.("100/Min")).toBe("units are written small, 100/min")
    expect(problem?.({ burst: 5 } as never)).toBe("it has no requests and no per")
    expect(problem?.({ requests: 5, per: 1, bursts: 5 } as never)).toContain("perhaps burst was meant")
    expect(problem?.({ requests: 5, per: 1 })).toBeUndefined()
  })

  it("of throttling take false, a time, and in a text off, on and a time", () => {
    const field = ThrottleOption.throttle(about)
    expect(field.parse(false)).toBe(false)
    expect(field.parse({})).toEqual({ giveUpAfter: 900_000 })
    expect(field.problem?.({ giveupAfter: 1 } as never)).toBe(
      "it has no \"giveupAfter\", but giveUpAfter; perhaps giveUpAfter was meant"
    )
    expect([read(field, "OFF"), read(field, "on")]).toEqual([false, {}])
    expect(read(field, "15min")).toEqual({ giveUpAfter: Duration.minutes(15) })
    expect(read(field, "15")).toContain("a number needs its unit, 15s or 15ms; it takes \"off\", \"on\"")
  })

  it("of origins are read from JSON, and tell the line of what is wrong in it", () => {
    const field = OriginsOption.origins(about)
    expect(read(field, "{ \"a\": { \"rate\": \"5/s\" } }")).toEqual({ a: { rate: "5/s" } })
    expect(read(field, "{\n\"a\": { \"connections\": 1.5 } }")).toContain(
      "X can't be read, in line 2: connections of \"a\""
    )
    expect(read(field, "{\n\"a\": {},\n\"A\": {} }")).toContain(
      "X can't be read, in line 3: \"a\" and \"A\" are the same"
    )
    expect(read(field, "a: 5")).toContain("X can't be read, in line 1: an object is expected")
  })
})
