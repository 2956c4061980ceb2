import * as JsonObject from "#internal/config/JsonObject"
import { describe, expect, it } from "@effect/vitest"

const read = (text: string) => {
  const result = JsonObject.parse(text)
  return result._tag === "Right" ? result.right : result.left
}

describe("a JSON object that people write", () => {
  it.each([
    "{}",
    "{\"a\":{\"b\":[1,-2.5e3,true,false,null,\"\"]},\"\\u0063\":[]}",
    "\uFEFF \r\n{ \"a\\\"\\\\\" : \"{[,:]}\" }\n"
  ])("is read as JSON.parse does it: %j", (text) => {
    expect(read(text)).toMatchObject({ value: JSON.parse(text.replace("\uFEFF", "")) })
  })

  it("tells the line of each of its names", () => {
    expect(read("{\r\n  \"a\": 1,\r\n\r\n  \"b\":\n  {\n\"a\": 2}, \"c\": 3 }")).toMatchObject({
      lines: new Map([["a", 2], ["b", 4], ["c", 6]])
    })
  })

  it("keeps a name that JavaScript's objects have", () => {
    expect(Object.entries((read("{\"__proto__\": 1}") as JsonObject.JsonObject).value)).toEqual([["__proto__", 1]])
  })

  it.each([
    ["", 1, "an object is expected, { … }"],
    ["[]", 1, "an object is expected, { … }"],
    ["{", 1, "a name in quotes is expected, and not the end"],
    ["{\n\"a\": {},\n\"a\": {}}", 3, "\"a\" is there twice"],
    ["{\"a\":\n{\"b\":1,\n\"\\u0062\":2}}", 3, "\"b\" is there twice"],
    ["{\"a\":1,\n}", 2, "a name in quotes is expected, and not }"],
    ["{\"a\":1\n\"b\":2}", 2, "a comma or } is expected, and not \"b\""],
    ["{\"a\" 1}", 1, "a colon is expected, and not 1"],
    ["{'a': 1}", 1, "a name in quotes is expected, and not 'a'"],
    ["{\"a\":}", 1, "a value is expected, and not }"],
    ["{\"a\":[1,\n,2]}", 2, "a value is expected, and not ,"],
    ["{\"a\":\n\n01}", 3, "01 is no JSON"],
    ["{\"a\":\"\\x\"}", 1, "\"\\x\" is no JSON"],
    ["{\"a\":\"}", 1, "a quote is never closed"],
    ["{}\n// comment", 2, "// is behind its end"],
    ["{\"a\":".repeat(101), 1, "it is nested too deep"]
  ])("is refused with its line: %j", (text, line, problem) => {
    expect(read(text)).toEqual({ line, problem })
  })
})
