/** How long files and functions may be. A longer one says why in the comment before it, with the words "Longer than". */
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import * as Sources from "../src/Sources.js"

const root = fileURLToPath(new URL("../../../", import.meta.url))

const longestFile = 300
const longestFunction = 60
const reason = "Longer than"

const packages = [
  "bench",
  "checks",
  "demo",
  "fastget",
  "fastget-cli",
  "fastget-cluster",
  "fastget-node",
  "loopback",
  "soak"
]

describe.each(packages)("packages/%s", (name) => {
  const files = Sources.read(`${root}packages/${name}/src`)

  it(`has no file over ${longestFile} lines without its reason`, () => {
    const long = files.filter(({ text }) =>
      text.split("\n").length > longestFile && !text.slice(0, text.indexOf("*/")).includes(reason)
    )
    expect(long.map(({ name }) => name)).toEqual([])
  })

  it(`has no function over ${longestFunction} lines without its reason`, () => {
    const long = files.flatMap((file) =>
      Sources.functionsOf(file)
        .filter(({ comment, lines }) => lines > longestFunction && !comment.includes(reason))
        .map(({ line, lines }) => `${file.name}:${line} has ${lines} lines`)
    )
    expect(long).toEqual([])
  })
})

it("a function that is too long is found, and one that says why is not", () => {
  const body = "\n".repeat(longestFunction)
  const lengths = Sources.functionsOf({
    name: "Long",
    text: `export const a = () => {${body}}\n/** Longer than others, because. */\nexport const b = () => {${body}}`
  })
  expect(lengths.map(({ lines }) => lines)).toEqual([longestFunction + 1, longestFunction + 1])
  expect(lengths.map(({ comment }) => comment.includes(reason))).toEqual([false, true])
})
