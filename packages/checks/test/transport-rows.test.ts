/** Each thing by which `TransportError` tells a failure has a row in its test. */
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import * as TransportRows from "../../fastget/test/TransportRows.js"
import * as ComparedTexts from "../src/ComparedTexts.js"
import * as Sources from "../src/Sources.js"

const root = fileURLToPath(new URL("../../../", import.meta.url))

const file = Sources.read(`${root}packages/fastget/src/platform`).find(({ name }) => name === "TransportError")!

/** The texts of a module that no row has. A row that has one as a whole is no example of a part of it. */
const missing = (file: Sources.SourceFile): ReadonlyArray<string> => {
  const texts = ComparedTexts.of(file)
  const wholes = new Set(texts.filter(({ isWhole }) => isWhole).map(({ text }) => text))
  const values = TransportRows.all.flatMap(({ error }) => Object.values(error)).filter((value) =>
    typeof value === "string"
  )
  return texts
    .filter(({ isWhole, matches }) => !values.some((value) => matches(value) && (isWhole || !wholes.has(value))))
    .map(({ text }) => text)
}

describe("the rows of TransportError", () => {
  it("are each in the table of its test", () => {
    expect(missing(file)).toEqual([])
  })

  it.each<readonly [row: string, before: string, after: string, text: string]>([
    ["a code of a set", "\"EMFILE\",", "\"EMFILE\", \"ENEW\",", "ENEW"],
    ["an alternative of a pattern", "|ENONAME)", "|ENONAME|ENEW)", "ENEW"],
    ["a prefix of a pattern", "|CERT_|", "|CERT_|NEW_|", "NEW_"],
    ["a code anywhere else", "const limited =", "const codes = new Map([[\"ENEW\", 1]])\nconst limited =", "ENEW"],
    ["a case", "case \"UND_ERR_BODY_TIMEOUT\":", "case \"ENEW\":\ncase \"UND_ERR_BODY_TIMEOUT\":", "ENEW"],
    ["a comparison", "code === \"ERR_ASSERTION\"", "code === \"ENEW\"", "ENEW"],
    ["a start", "code.startsWith(\"HPE_\")", "code.startsWith(\"HPX_\")", "HPX_"],
    ["a part of a message", "message.includes(\"Invalid EOF state\")", "message.includes(\"new\")", "new"]
  ])("fail if one is new: %s", (_, before, after, text) => {
    expect(file.text).toContain(before)
    expect(missing({ ...file, text: file.text.replace(before, after) })).toEqual([text])
  })
})
