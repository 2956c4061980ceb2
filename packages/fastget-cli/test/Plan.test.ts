import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Plans from "./support/Plans.js"

describe("Plan", () => {
  it.effect("takes the formats from the names, failures being written as the output is", () =>
    Effect.gen(function*() {
      const kinds = (flags: Parameters<typeof Plans.make>[1]) =>
        Effect.map(Plans.make(["in.txt"], flags), ({ output }) => [output.file.kind, output.errors?.kind])
      expect(yield* kinds({})).toEqual(["ndjson", undefined])
      expect(yield* kinds({ output: "none.csv", errors: "none" })).toEqual(["csv", "csv"])
      expect(yield* kinds({ output: "none.csv", errors: "none.ndjson" })).toEqual(["csv", "ndjson"])
      expect(yield* kinds({ output: "none.csv", outputFormat: "tsv" })).toEqual(["tsv", undefined])
      expect(yield* kinds({ select: ["a,b"] })).toEqual(["csv", undefined])
    }))

  it.effect("knows what is needed of a body", () =>
    Effect.gen(function*() {
      const needs = (flags: Parameters<typeof Plans.make>[1]) =>
        Effect.map(Plans.make(["in.txt"], flags), ({ output }) => output.needs)
      expect(yield* needs({})).toBe("line")
      expect(yield* needs({ select: ["a"] })).toBe("text")
      expect(yield* needs({ outputDir: "none" })).toBe("bytes")
    }))

  it.effect.each<readonly [problem: RegExp, flags: Parameters<typeof Plans.make>[1], files?: ReadonlyArray<string>]>([
    [/needs a --template/, { range: "1..2" }, []],
    [/leave one of them out/, { range: "1..2", template: "http://a.example/{}" }],
    [/two whole numbers/, { range: "2..1", template: "http://a.example/{}" }, []],
    [/a URL with \{\} in it/, { template: "http://a.example/" }],
    [/stdin can be read once only/, {}, ["-", "-"]],
    [/need an --output/, { resume: true }],
    [/no plain file/, { resume: true, output: "-" }],
    [/exclude each other/, { resume: true, overwrite: true, output: "none" }],
    [/in the same format/, { resume: true, output: "none.csv", errors: "none.tsv" }],
    [/There is no reason Nope/, { retryFailed: "Nope", output: "none" }],
    [/says NDJSON/, { select: ["a"], output: "none.ndjson" }],
    [/a second column id/, { select: ["id"] }],
    [/can't read the path/, { select: ["a["] }],
    [/needs an --output-dir/, { extension: "json" }],
    [/takes a share such as 5%/, { failOver: "x" }],
    [/are the same file/, { output: "none", summary: "none" }]
  ])("%s: what does not fit together is bad usage", ([problem, flags, files = ["in.txt"]]) =>
    Effect.gen(function*() {
      expect((yield* Effect.flip(Plans.make(files, flags))).message).toMatch(problem)
    }))
})
