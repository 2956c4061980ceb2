import { describe, expect, it } from "@effect/vitest"
import * as OptionKinds from "fastget/platform/OptionKinds"

describe("OptionKinds", () => {
  const kinds = { decode: OptionKinds.aFunction, mode: ["\"a\" or \"b\"", (value: unknown) => value === "a"] } as const

  it("finds the first option that is not of its kind, and says what it takes", () => {
    expect(OptionKinds.wrong(kinds, { decode: 1, mode: "c" })?.message)
      .toBe("The option decode can't be a number: it takes a function")
    expect(OptionKinds.wrong(kinds, { decode: String, mode: "c" })?.message)
      .toBe("The option mode can't be \"c\": it takes \"a\" or \"b\"")
    expect(OptionKinds.wrong({ headers: OptionKinds.names }, { headers: [1] }, "redact.")?.message)
      .toBe("The option redact.headers can't be a list: it takes a list of names")
    expect(OptionKinds.wrong({ headers: OptionKinds.names }, { headers: ["x"] })).toBeUndefined()
    expect(OptionKinds.wrong(kinds, { mode: "a", decode: undefined, other: 1 })).toBeUndefined()
  })

  it("refuses parseOptions where there is no schema", () => {
    expect(OptionKinds.unusedParseOptions({ parseOptions: {} })?.option).toBe("parseOptions")
    expect(OptionKinds.unusedParseOptions({ parseOptions: {}, schema: 1 })).toBeUndefined()
    expect(OptionKinds.unusedParseOptions({})).toBeUndefined()
  })
})
