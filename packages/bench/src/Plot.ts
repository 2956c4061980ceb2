/** Bars as SVG: a bar for each median, a whisker from the least to the most. Readable on light and on dark. */
import type { Spread } from "./Statistics.js"

interface Bar {
  readonly label: string
  readonly spread: Spread
  /** Drawn in the colour of what it is all about. */
  readonly highlighted: boolean
}

export interface Plot {
  readonly title: string
  /** After each number. */
  readonly unit: string
  /** Where a line stands: what the bars are compared with. */
  readonly reference?: number
  readonly bars: ReadonlyArray<Bar>
}

const width = 720
const labelWidth = 280
const valueWidth = 80
const rowHeight = 26
const top = 40

const style = `
    text { font: 13px system-ui, sans-serif; fill: #24292f }
    .title { font-weight: 600 }
    .bar { fill: #8c959f }
    .ours { fill: #0969da }
    .line { stroke: #57606a }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .bar { fill: #6e7681 }
      .ours { fill: #4493f8 }
      .line { stroke: #adbac7 }
    }`

const line = (x1: string, y1: number, x2: string, y2: number, more = "") =>
  `<line class="line" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"${more}/>`

export const svg = ({ bars, reference, title, unit }: Plot): string => {
  const most = Math.max(reference ?? 0, ...bars.map(({ spread }) => spread.max))
  const scale = (width - labelWidth - valueWidth) / most
  const x = (value: number) => (labelWidth + value * scale).toFixed(1)
  const height = top + bars.length * rowHeight + 8
  const rows = bars.flatMap(({ highlighted, label, spread: { max, median, min } }, i) => {
    const y = top + i * rowHeight
    const middle = y + rowHeight / 2 - 3
    return [
      `<text x="${labelWidth - 8}" y="${middle + 5}" text-anchor="end">${escape(label)}</text>`,
      `<rect class="${highlighted ? "ours" : "bar"}" x="${labelWidth}" y="${y}" width="${
        (median * scale).toFixed(1)
      }" ` +
      `height="${rowHeight - 6}"/>`,
      line(x(min), middle, x(max), middle),
      line(x(min), middle - 4, x(min), middle + 4),
      line(x(max), middle - 4, x(max), middle + 4),
      `<text x="${Number(x(max)) + 6}" y="${middle + 5}">${number(median)}${unit}</text>`
    ]
  })
  const referenceLine = reference === undefined
    ? []
    : [line(x(reference), top - 6, x(reference), height - 8, " stroke-dasharray=\"4 3\"")]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-label="${escape(title)}">`,
    `<style>${style}\n</style>`,
    `<text class="title" x="8" y="20">${escape(title)}</text>`,
    ...rows,
    ...referenceLine,
    "</svg>"
  ].join("\n  ").replace(/ {2}<\/svg>$/, "</svg>\n")
}

const number = (value: number): string => value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(2)

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("\"", "&quot;").replaceAll("`", "")
