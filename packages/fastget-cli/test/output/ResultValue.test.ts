import { expect, it } from "@effect/vitest"
import { Either } from "effect"
import * as ResultValue from "../../src/output/ResultValue.js"

const decode = (needs: ResultValue.Needs, text: string) =>
  ResultValue.decoder(needs)({ _tag: "Body", body: Buffer.from(text) })

it("keeps JSON as the server wrote it, on one line where a line is needed", () => {
  expect(decode("text", "{\n \"a\": 12345678901234567890 }")).toEqual(Either.right("{\n \"a\": 12345678901234567890 }"))
  expect(decode("line", "{\n \"a\": 12345678901234567890 }")).toEqual(Either.right("{\"a\": 12345678901234567890 }"))
  expect(decode("line", "")).toEqual(Either.right("null"))
})

it("takes only JSON, unless bytes are needed", () => {
  expect(Either.isLeft(decode("line", "{"))).toBe(true)
  expect(decode("bytes", "{")).toMatchObject({ _tag: "Right", right: Buffer.from("{") })
})
