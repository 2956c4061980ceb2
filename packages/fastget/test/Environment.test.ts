import { describe, expect, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { FastGetConfig } from "fastget"
import * as Environment from "fastget/platform/Environment"

const check = (provider: ConfigProvider.ConfigProvider) =>
  Effect.either(Effect.withConfigProvider(Environment.onlyKnown(FastGetConfig.fromEnv), provider))

const ofMap = (variables: Readonly<Record<string, string>>) =>
  ConfigProvider.fromMap(new Map(Object.entries(variables)))

/** A provider that has names in parts, as that of the environment. */
const inParts = (variables: Readonly<Record<string, string>>) =>
  ConfigProvider.fromMap(new Map(Object.entries(variables)), { pathDelim: "_" })

describe("the variables of the environment", () => {
  it("are those that a Config asks for", () => {
    expect(Environment.asked(Config.all([Config.string("A"), Config.withDefault(Config.number("B_C"), 1)])))
      .toEqual(["A", "B_C"])
    const names = Environment.asked(FastGetConfig.fromEnv)
    expect(names).toEqual(expect.arrayContaining(["FASTGET_TIMEOUT", "FASTGET_RETRY_BASE", "FASTGET_BURST"]))
  })

  it.effect.each<readonly [variables: Readonly<Record<string, string>>, message: string]>([
    [{ FASTGET_TIMOUT: "1s" }, "FASTGET_TIMOUT can't be given: there is no such variable; perhaps FASTGET_TIMEOUT was"],
    [{ FASTGET_RETRY_TMIES: "1" }, "perhaps FASTGET_RETRY_TIMES was meant"],
    [{ FASTGET_RETRY: "1" }, "FASTGET_RETRY can't be given"],
    [{ FASTGET_: "1" }, "FASTGET_ can't be given"]
  ])("are refused by name where nothing reads them: %j", ([variables, message]) =>
    Effect.gen(function*() {
      for (const provider of [ofMap, inParts]) {
        // A name without an end is none in parts.
        if (provider === inParts && "FASTGET_" in variables) continue
        const checked = yield* check(provider({ FASTGET_TIMEOUT: "1s", ...variables }))
        expect(checked._tag === "Left" && String(checked.left)).toContain(message)
      }
    }))

  it.effect("are fine where something reads them, or where they are not FastGet's", () =>
    Effect.gen(function*() {
      const variables = {
        FASTGET_RETRY_TIMES: "1",
        FASTGET_BURST: "2",
        FASTGET_CLUSTER: "x",
        FASTGETTING: "1",
        A_B: "2"
      }
      for (const provider of [ofMap, inParts]) expect((yield* check(provider(variables)))._tag).toBe("Right")
    }))

  it.effect("may all have a prefix", () =>
    Effect.gen(function*() {
      const variables = { APP_FASTGET_TIMOUT: "1s", FASTGET_NONSENSE: "1" }
      const checked = yield* check(ConfigProvider.nested(inParts(variables), "APP"))
      expect(checked._tag === "Left" && String(checked.left)).toContain("perhaps FASTGET_TIMEOUT was meant")
    }))
})
