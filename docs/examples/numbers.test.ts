/** The numbers in the documents are those of the code. Each phrase is made of the code's own constants. */
import { FetchError } from "fastget"
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const read = (name: string) => Fs.readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), "utf8")

/** The module of this name in a package, or all of them. */
const sourcesOf = (name: string): ReadonlyArray<string> => {
  const [folder, module] = name.split("/")
  return Fs.readdirSync(fileURLToPath(new URL(`../../packages/${folder}/src`, import.meta.url)), {
    recursive: true,
    encoding: "utf8"
  })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => module === undefined ? file.endsWith(".ts") : `/${file}`.endsWith(`/${module}.ts`))
    .map((file) => read(`packages/${folder}/src/${file}`))
}

/** The one value of a constant in a package, or in a module of it: most of them are no part of the API. */
const constant = (module: string, name: string): number => {
  const pattern = new RegExp(`\\bconst ${name} = ([\\d_]+(?: \\* [\\d_]+)*)\\n`, "g")
  const found = sourcesOf(module).flatMap((source) => Array.from(source.matchAll(pattern), ([, value]) => value!))
  const [value, ...others] = new Set(found)
  if (value === undefined || others.length > 0) throw new Error(`${module} has ${found.length} numbers ${name}`)
  return value.split("*").reduce((product, factor) => product * Number(factor.trim().replaceAll("_", "")), 1)
}

const grouped = (number: number) => number.toLocaleString("en-US")
const bytes = (number: number) => number % 2 ** 20 === 0 ? `${number / 2 ** 20} MiB` : `${number / 1024} KiB`
const words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
const word = (number: number) => words[number] ?? String(number)
const capital = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}`
const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length

const wire = "docs/decisions/0005-wire.md"
const architecture = "docs/architecture.md"

const reasons = FetchError.Reason.members.length
const headerWords = constant("fastget", "headerWords")
const unwanted = bytes(constant("fastget/Refusal", "mostBytes"))
const snippet = constant("fastget", "snippetLength")
const seconds = constant("fastget", "longestRetryAfter") / 1000
const batch = grouped(constant("fastget", "largestBatch"))
const batchBytes = bytes(constant("fastget", "largestBatchBytes"))
const within = constant("fastget", "quiet")
const longest = constant("fastget", "busy")
const most = bytes(constant("fastget", "batchBytes"))
const floor = constant("fastget/RetryBudget", "floor")
const headerBytes = constant("fastget-node", "defaultMaxHeaderBytes")
const depth = grouped(constant("fastget", "maxDepth"))
const longestUrl = grouped(constant("fastget", "maxUrlLength"))

it.each([
  [wire, `header: ${word(headerWords)} 32-bit words`],
  [wire, `${within} ms after its first outcome, or ${longest} where many come, or as soon as it holds ${most}`],
  [wire, `deeper than ${depth} levels`],
  [architecture, `one counter for each reason (${reasons}) and a success`],
  [architecture, `a batch leaves at ${most} or after ${within} ms, ${longest} where many come`],
  [architecture, `${within} to ${longest} ms after the first, or at ${most}`],
  [architecture, `the consumer gets up to ${batch} at once, or ${batchBytes}`],
  [architecture, `${batch} answers, or ${batchBytes} and the body`],
  [architecture, `outside 2xx ${unwanted} are read, ${snippet} characters kept`],
  [architecture, `\`maxHeaderBytes\` of the client, ${bytes(headerBytes)} unless set`],
  [architecture, `Retry-After up to ${seconds} s`],
  [architecture, `20% of its requests + ${floor}`],
  [architecture, `deeper than ${depth} levels`],
  [architecture, `Every chunk looks each ${constant("fastget", "drainCheck")} ms`],
  [architecture, `a timer of ${constant("fastget-node", "closeWithin")} ms`],
  [architecture, `${constant("fastget/BlackBox", "words") * 4} bytes for each thread`],
  [architecture, `${grouped(constant("fastget", "mostOrigins"))}, then it begins anew`],
  [architecture, `${grouped(constant("fastget/RetryBudget", "mostOrigins"))} origins, the oldest leaves`],
  [architecture, `${grouped(constant("fastget-node/DnsCache", "maxHosts"))}, the oldest leaves`],
  ["docs/security.md", `Headers (\`client.maxHeaderBytes\`, ${bytes(headerBytes)})`],
  ["docs/security.md", `first ${snippet} characters of the`],
  ["docs/getting-started.md", `one of ${reasons} reasons`],
  ["docs/errors.md", `URL of up to ${longestUrl} characters`],
  ["docs/errors.md", `A \`Retry-After\` of up to ${seconds} seconds is obeyed`],
  ["docs/cli.md", `a URL of more than ${longestUrl} characters`],
  ["docs/cli.md", `the ${constant("fastget-cli/SlowestUrls", "most")} slowest URLs`],
  ["docs/cli.md", `in the last ${constant("fastget-cli", "syncEvery") / 1000} seconds`]
])("%s: %s", (document, phrase) => {
  expect(read(document)).toContain(phrase)
})

it("a header on the wire has as many words as are said to be in it", () => {
  const [, parts = ""] = /32-bit words\n(.*)\n/.exec(read(wire)) ?? []
  expect(parts.split("|").length).toBe(headerWords)
})

it("getting started counts what it lists", () => {
  const page = read("docs/getting-started.md")
  const ways = count(page, /^\| `FastGet\.\w+\(.*\)` /gm)
  expect(page).toContain(`There are ${word(ways)} ways to ask`)
  const programs = /^(\w+) small programs to copy from are in (.*)$/m.exec(page)
  expect(programs?.[1]).toBe(capital(word(count(programs?.[2] ?? "", /\]\(examples\/[\w.-]+\)/g))))
})

it("docs/decisions lists every decision by its number", () => {
  const files = Fs.readdirSync(fileURLToPath(new URL("../decisions", import.meta.url))).filter((file) =>
    /^\d/.test(file)
  )
  const listed = [...read("docs/decisions/README.md").matchAll(/^(\d+)\. \[.*\]\((.*)\)$/gm)]
  expect(listed.map(([, number, file]) => [Number(number), file])).toEqual(
    files.sort().map((file) => [Number(file.slice(0, 4)), file])
  )
})
