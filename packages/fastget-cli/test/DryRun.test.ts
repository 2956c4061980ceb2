import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as DryRun from "../src/DryRun.js"
import * as Plans from "./support/Plans.js"

it.effect("shows the first entries, how many there are, and no secret", () =>
  Effect.gen(function*() {
    const plan = yield* Plans.make([], {
      range: "1..1000",
      template: "http://u:secret@a.example/{}",
      output: "none.csv"
    })
    const settings = { ...FastGetConfig.defaults(2), headers: { authorization: "secret" } }
    const text = yield* DryRun.text(plan, settings)
    expect(text).toMatch(/^Entries: 1000\n {2}1 {2}GET http:\/\/\*\*\*@a\.example\/1\n/)
    expect(text.match(/GET/g)).toHaveLength(10)
    expect(text).toMatch(/\nOutput: \/.*none\.csv\n/)
    expect(text).toContain("  headers: authorization: ***\n")
    expect(text).not.toContain("secret")
  }))
