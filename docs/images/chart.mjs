/**
 * The picture of the README: requests a second of FastGet and of what one would
 * take in its place, from packages/bench/results/tiny.json. Writes chart-light.svg
 * and chart-dark.svg; with `--check` it writes nothing, and fails if one is stale.
 */
import * as Fs from "node:fs"
import { spread } from "../../packages/bench/dist/Statistics.js"

const results = new URL("../../packages/bench/results/tiny.json", import.meta.url)
const { date, machine, samples } = JSON.parse(Fs.readFileSync(results, "utf8"))

/** By row of the benchmark, in the order of the picture; the names as the README uses them. */
const rows = {
  fastget: "FastGet",
  "undici-request": "a loop over undici",
  "original-waiting": "processes and asyncio (Python)",
  fetch: "fetch + p-map",
  got: "got + p-map",
  "effect-stock": "Effect: Stream.mapEffect"
}

const bars = Object.entries(rows).map(([row, label]) => ({
  label,
  rate: spread(samples.filter((sample) => sample.row === row).map(({ answers, seconds }) => answers / seconds)).median
}))

const themes = {
  light: { text: "#1f2328", quiet: "#59636e", bar: "#818b98", ours: "#0969da" },
  dark: { text: "#f0f6fc", quiet: "#9198a1", bar: "#656c76", ours: "#4493f8" }
}

const width = 720
const left = 232
const row = 30
const top = 44
const height = top + bars.length * row + 30
const most = Math.max(...bars.map(({ rate }) => rate))
const scale = (width - left - 76) / most
const number = (value) => Math.round(value).toLocaleString("en-US")

const title = "Requests a second, small JSON answers"
const conditions = `Medians, ${
  date.slice(0, 10)
}, ${machine.cores} cores (${machine.cpu}), Node ${machine.versions.node}, a server on the same machine`
const told = `${title}: ${bars.map(({ label, rate }) => `${label} ${number(rate)}`).join(", ")}`

const picture = ({ bar, ours, quiet, text }) =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-label="${told}" font-family="system-ui, sans-serif" font-size="14" fill="${text}">`,
    `<text x="0" y="20" font-size="16" font-weight="600">${title}</text>`,
    ...bars.flatMap(({ label, rate }, index) => {
      const y = top + index * row
      const isOurs = label === "FastGet"
      const weight = isOurs ? ` font-weight="600"` : ""
      const end = left + rate * scale
      return [
        `<text x="${left - 10}" y="${y + 16}" text-anchor="end"${weight}>${label}</text>`,
        `<rect x="${left}" y="${y}" width="${(rate * scale).toFixed(1)}" height="22" rx="3" fill="${
          isOurs ? ours : bar
        }"/>`,
        `<text x="${(end + 8).toFixed(1)}" y="${y + 16}"${weight}>${number(rate)}</text>`
      ]
    }),
    `<text x="0" y="${height - 8}" font-size="12" fill="${quiet}">${conditions}</text>`,
    "</svg>"
  ].join("\n  ").replace(/ {2}<\/svg>$/, "</svg>\n")

for (const [name, colours] of Object.entries(themes)) {
  const file = new URL(`chart-${name}.svg`, import.meta.url)
  const svg = picture(colours)
  if (Fs.existsSync(file) && Fs.readFileSync(file, "utf8") === svg) continue
  if (process.argv.includes("--check")) {
    process.stderr.write(`docs/images/chart-${name}.svg is stale. Run node docs/images/chart.mjs\n`)
    process.exitCode = 1
  } else Fs.writeFileSync(file, svg)
}
