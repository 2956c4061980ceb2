/**
 * Writes each ts block of the documents and of the docstrings into a file of its
 * own, docs/examples/extracted/<source>.<line>.ts, for tsc to check, or below a
 * folder that is given, for the test which runs them. Blank lines before the
 * block keep the source's line numbers in tsc's messages.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const output = Path.resolve(process.argv[2] ?? Path.join(root, "docs/examples/extracted"))
const published = ["packages/fastget", "packages/fastget-node", "packages/fastget-cluster", "packages/fastget-cli"]

/** What is no source: it is made of these, or belongs to others. */
const made = /node_modules|[\\/](?:dist|api|\.vitepress)[\\/]/

const filesIn = (folder, extension) =>
  Fs.readdirSync(Path.join(root, folder), { recursive: true })
    .filter((name) => name.endsWith(extension) && !made.test(`${folder}/${name}`))
    .map((name) => Path.join(folder, name))

const sources = [
  "README.md",
  ...filesIn("docs", ".md"),
  ...published.flatMap((folder) =>
    ["README.md", "AGENTS.md"].map((name) => Path.join(folder, name)).filter((file) =>
      Fs.existsSync(Path.join(root, file))
    )
  ),
  ...published.flatMap((folder) => filesIn(Path.join(folder, "src"), ".ts"))
]

/** A fence, after the same prefix as the one that closes it: ` * ` in a docstring, an indent in a list. */
const block = /^([ *]*)```(?:ts|typescript)\b.*\n([^]*?)^\1```$/gm

Fs.rmSync(output, { recursive: true, force: true })
let count = 0
for (const source of sources) {
  const text = Fs.readFileSync(Path.join(root, source), "utf8")
  for (const { 1: prefix, 2: code, index } of text.matchAll(block)) {
    const line = text.slice(0, index).split("\n").length
    const program = code.split("\n").map((line) => line.slice(prefix.length)).join("\n")
    const file = Path.join(output, `${source}.${line}.ts`)
    Fs.mkdirSync(Path.dirname(file), { recursive: true })
    Fs.writeFileSync(file, "\n".repeat(line) + program)
    count++
  }
}
process.stdout.write(`${count} examples\n`)
