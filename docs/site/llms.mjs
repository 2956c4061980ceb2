/**
 * Makes docs/public/llms.txt, a list of the pages for language models
 * (https://llmstxt.org), and llms-full.txt, all pages in one text.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { address, groups } from "./Pages.mjs"

const docs = fileURLToPath(new URL("..", import.meta.url))
const read = (file) => Fs.readFileSync(Path.join(docs, file), "utf8")

const [, sentence] = /^# FastGet\n\n(.*)\n/.exec(read("../README.md"))

/** The first paragraph of a page, as a line. */
const about = (file) =>
  (/^(?!#|<!--|```|\||!\[|-|\s)(.+)$/m.exec(read(file))?.[1] ?? "").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .split(/(?<=\.) /)[0]

const list = groups.map(({ pages, title }) =>
  [`## ${title}`, "", ...pages.map(({ file, title }) => `- [${title}](${address(file)}): ${about(file)}`)].join("\n")
)

const pages = groups.flatMap(({ pages }) => pages)
const full = pages.map(({ file }) => `<!-- ${address(file)} -->\n\n${read(file).trim()}`)

Fs.mkdirSync(Path.join(docs, "public"), { recursive: true })
Fs.writeFileSync(
  Path.join(docs, "public/llms.txt"),
  `${["# FastGet", `> ${sentence}`, "All pages in one text: [llms-full.txt](/llms-full.txt)", ...list].join("\n\n")}\n`
)
Fs.writeFileSync(Path.join(docs, "public/llms-full.txt"), `${["# FastGet", `> ${sentence}`, ...full].join("\n\n")}\n`)
process.stdout.write(`${pages.length} pages in llms.txt\n`)
