import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as HeaderLines from "../../src/flags/HeaderLines.js"
import { folder } from "../support/Process.js"

const none: HeaderLines.Given = { header: [], headerFile: [], headerEnv: [] }

describe("HeaderLines", () => {
  it.effect("redacts what has something of the environment in it", () =>
    Effect.gen(function*() {
      const header = ["Accept: a/b", "Authorization: Bearer ${TOKEN}"]
      const headers = yield* HeaderLines.parse({ ...none, header, headerEnv: ["X-Key=KEY"] }, { TOKEN: "t", KEY: "k" })
      expect(headers).toEqual({
        "accept": "a/b",
        "authorization": Redacted.make("Bearer t"),
        "x-key": Redacted.make("k")
      })
      expect(JSON.stringify(headers)).not.toContain("Bearer t")
    }))

  it.scoped("takes --header before --header-env before --header-file", () =>
    Effect.gen(function*() {
      const file = Path.join(yield* folder, "headers")
      Fs.writeFileSync(file, "# a comment\r\n\r\nA: file\r\nB: file\r\nC: file\r\n")
      const given = { header: ["a: header"], headerFile: [file], headerEnv: ["A=X", "B=X"] }
      expect(yield* HeaderLines.parse(given, { X: "env" })).toEqual({ a: "header", b: Redacted.make("env"), c: "file" })
    }))

  it.effect("says what is wrong, and shows no value", () =>
    Effect.gen(function*() {
      const message = (given: Partial<HeaderLines.Given>) =>
        Effect.map(Effect.flip(HeaderLines.parse({ ...none, ...given }, {})), ({ message }) => message)
      expect(yield* message({ header: ["secret"] })).toBe("--header takes 'name: value'")
      expect(yield* message({ header: ["a: ${NONE}"] })).toContain("NONE, which is not set")
      expect(yield* message({ headerEnv: ["a"] })).toBe("--header-env takes NAME=VARIABLE")
      expect(yield* message({ header: ["a b: secret"] })).not.toContain("secret")
    }))
})
