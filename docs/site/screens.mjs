/**
 * Makes the pictures of the command, docs/images/progress.svg and
 * report-{light,dark}.png, of a real run: of the display on a terminal, and of the
 * report in Chromium. Needs `script` of util-linux and `chromium`.
 */
import { spawn } from "node:child_process"
import * as Fs from "node:fs"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import * as Os from "node:os"
import * as Path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const images = fileURLToPath(new URL("../images/", import.meta.url))
// What draws is there for the tests of the command.
const require = createRequire(Path.join(root, "packages/fastget-cli/package.json"))
const { Terminal } = require("@xterm/headless")
const { chromium } = require("playwright-core")

const [columns, rows] = [84, 12]
const palette = ["#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#e6edf3"]

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

/** The screen as SVG: a text for each run of cells that look the same. */
const drawn = (terminal) => {
  const [cellWidth, cellHeight, margin] = [8.4, 20, 16]
  const lines = Array.from({ length: rows }, (_, y) => terminal.buffer.active.getLine(y))
  const used = lines.reduce((last, line, y) => (line?.translateToString(true) ? y + 1 : last), 0)
  const texts = lines.slice(0, used).flatMap((line, y) => {
    const runs = []
    for (let x = 0; x < columns; x++) {
      const cell = line.getCell(x)
      const look = [
        cell.isFgPalette() ? palette[cell.getFgColor() % 8] : "#e6edf3",
        cell.isBold() ? "bold" : "normal",
        cell.isDim() ? 0.7 : 1
      ]
      const last = runs.at(-1)
      const text = cell.getChars() || " "
      if (last !== undefined && String(last.look) === String(look)) last.text += text
      else runs.push({ x, look, text })
    }
    return runs.filter(({ text }) => text.trim() !== "").map(({ look: [fill, weight, opacity], text, x }) =>
      `<text x="${(margin + x * cellWidth).toFixed(1)}" y="${margin + 15 + y * cellHeight}" fill="${fill}" ` +
      `font-weight="${weight}" opacity="${opacity}" textLength="${
        (text.trimEnd().length * cellWidth).toFixed(1)
      }" xml:space="preserve">${escape(text.trimEnd())}</text>`
    )
  })
  const [width, height] = [2 * margin + columns * cellWidth, 2 * margin + used * cellHeight]
  const told = lines.slice(0, used).map((line) => line.translateToString(true).trim()).join("; ")
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" ` +
    `aria-label="${
      escape(told).replaceAll("\"", "&quot;")
    }" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...texts,
    "</svg>"
  ].join("\n  ").replace(/ {2}<\/svg>$/, "</svg>\n")
}

/** Answers after a while, sometimes late, sometimes not at all well, and refuses beyond 400 requests a second. */
let [asked, second] = [0, 0]
const server = createServer((request, response) => {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) [asked, second] = [0, now]
  const id = Number(request.url.split("/").at(-1))
  const status = ++asked > 400 ? 429 : id % 97 === 0 ? 404 : 200
  const body = JSON.stringify({ id, name: `User ${id}` })
  setTimeout(() => response.writeHead(status).end(body), 10 + (id % 13) * 4 + (id % 211 === 0 ? 400 : 0))
})
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))

const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "fastget-screens-"))
const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true })
const main = Path.join(root, "packages/fastget-cli/dist/main.js")
const command = [
  `stty cols ${columns} rows ${rows}; exec ${process.execPath} ${main}`,
  `--template 'http://127.0.0.1:${server.address().port}/users/{}' --range 1..4000 -o out.ndjson --report report.html`
].join(" ")
const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...env } = process.env
const child = spawn("script", ["-qefc", command, "/dev/null"], {
  cwd: folder,
  env: { ...env, TERM: "xterm-256color", SHELL: "/bin/sh" },
  stdio: ["ignore", "pipe", "inherit"]
})
let progress
child.stdout.on("data", (data) =>
  terminal.write(data, () => {
    const screen = Array.from({ length: rows }, (_, y) => terminal.buffer.active.getLine(y)?.translateToString(true))
    // In the middle of the run.
    if (progress === undefined && / [4-6]\d(?:\.\d)? ?%/.test(screen.join("\n"))) progress = drawn(terminal)
  }))
await new Promise((resolve) => child.once("close", resolve))
server.close()
if (progress === undefined) throw new Error("The middle of the run was not seen")
Fs.writeFileSync(Path.join(images, "progress.svg"), progress)

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] })
for (const colorScheme of ["light", "dark"]) {
  const page = await browser.newPage({ colorScheme, viewport: { width: 1000, height: 900 } })
  await page.goto(pathToFileURL(Path.join(folder, "report.html")).href)
  await page.screenshot({ path: Path.join(images, `report-${colorScheme}.png`) })
}
await browser.close()
Fs.rmSync(folder, { recursive: true })
