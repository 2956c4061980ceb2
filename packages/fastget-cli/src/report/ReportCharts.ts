/**
 * The charts of the report: throughput over time and the distribution of
 * latency. Each has its numbers as a table behind it.
 */
import type { Bucket } from "../stats/Histogram.js"
import * as Quantity from "../stats/Quantity.js"
import type { Snapshot } from "../stats/Snapshot.js"
import type { Frame } from "./Chart.js"
import * as Chart from "./Chart.js"
import type { Html } from "./Html.js"
import { empty, html } from "./Html.js"

/** A span of the run, and what came in a second of it. */
interface Span {
  readonly from: number
  readonly to: number
  readonly succeeded: number
  readonly failed: number
  readonly refused: number
  readonly bytes: number
}

const mostSpans = 80

export const throughput = (snapshot: Snapshot): Html => {
  const spans = spansOf(snapshot)
  const highest = Math.max(...spans.map(({ failed, refused, succeeded }) => failed + refused + succeeded))
  if (!(highest > 0)) return html`<p>Nothing was fetched.</p>`
  const end = spans.at(-1)!.to
  const hasRefused = spans.some(({ refused }) => refused > 0)
  const refused = hasRefused
    ? html`<span class="legend"><span class="key refused"></span>refused for their rate, and asked for again</span>`
    : empty
  return html`<figure><figcaption><span class="legend"><span class="key good"></span>succeeded</span><span class="legend"><span class="key failed"></span>failed</span>${refused}</figcaption>${
    Chart.chart(
      `Outcomes a second over ${Quantity.seconds(end)}: ${Quantity.digits(snapshot.rate.average)} on average, ${
        Quantity.digits(highest)
      } at most${hasRefused ? " with what was refused" : ""}. The numbers are in the table below.`,
      (frame) => throughputIn({ ...frame, top: 28 }, spans, highest, end)
    )
  }</figure>${throughputTable(spans, hasRefused)}`
}

const throughputIn = (frame: Frame, spans: ReadonlyArray<Span>, highest: number, end: number): Html => {
  const vertical = Chart.steps(highest, 4)
  const top = vertical.at(-1)!
  const unit = end >= 7200 ? { name: "hours", seconds: 3600 } : end >= 120
    ? { name: "minutes", seconds: 60 }
    : { name: "seconds", seconds: 1 }
  const horizontal = Chart.steps(end / unit.seconds, frame.name === "wide" ? 10 : 5)
  const column = ({ failed, from, refused, succeeded, to }: Span): Html => {
    const [left, right] = [Chart.x(frame, from / end), Chart.x(frame, to / end)]
    const outcomes = succeeded + failed
    const [middle, upper] = [Chart.y(frame, succeeded / top), Chart.y(frame, outcomes / top)]
    const at = (name: string, from: number, to: number) =>
      html`<rect class="${name}" x="${left}" y="${from}" width="${Chart.round(right - left)}" height="${
        Chart.round(to - from)
      }"/>`
    return html`${at("good", middle, frame.bottom)}${at("failed", upper, middle)}${
      refused > 0 ? at("refused", Chart.y(frame, (outcomes + refused) / top), upper) : empty
    }`
  }
  const hover = (span: Span): Html =>
    html`<rect class="hover" x="${Chart.x(frame, span.from / end)}" y="${frame.top}" width="${
      Chart.round((span.to - span.from) / end * (frame.right - frame.left))
    }" height="${frame.bottom - frame.top}"><title>${spanText(span)}: ${Quantity.rate(span.succeeded)} succeeded, ${
      Quantity.rate(span.failed)
    } failed, ${span.refused > 0 ? `${Quantity.rate(span.refused)} refused, ` : ""}${
      Quantity.bytes(span.bytes)
    }/s</title></rect>`
  return html`${
    Chart.axes(frame, {
      horizontal: horizontal.filter((n) => n * unit.seconds <= end).map((n) => ({
        at: n * unit.seconds / end,
        label: String(n)
      })),
      horizontalUnit: `${unit.name} from the start`,
      vertical: vertical.map((n) => ({ at: n / top, label: tickLabel(n) })),
      verticalUnit: spans.some(({ refused }) => refused > 0) ? "outcomes and refusals a second" : "outcomes a second"
    })
  }${spans.map(column)}${spans.map(hover)}`
}

/** `250`, `20k`, `1.5M`. */
const tickLabel = (n: number): string =>
  n >= 1e6 ? `${n / 1e6}M` : n >= 10_000 ? `${n / 1000}k` : n >= 1 ? Quantity.count(n) : String(n)

const throughputTable = (spans: ReadonlyArray<Span>, hasRefused: boolean): Html =>
  html`<details><summary>Throughput as a table</summary><table><thead><tr><th scope="col">Time</th><th scope="col" class="number">Succeeded/s</th><th scope="col" class="number">Failed/s</th>${
    hasRefused ? html`<th scope="col" class="number">Refused/s</th>` : empty
  }<th scope="col" class="number">Received/s</th></tr></thead><tbody>${
    spans.map((span) =>
      html`<tr><th scope="row">${spanText(span)}</th><td class="number">${
        Quantity.digits(span.succeeded)
      }</td><td class="number">${Quantity.digits(span.failed)}</td>${
        hasRefused ? html`<td class="number">${Quantity.digits(span.refused)}</td>` : empty
      }<td class="number">${Quantity.bytes(span.bytes)}</td></tr>`
    )
  }</tbody></table></details>`

const spanText = ({ from, to }: Span): string => `${Quantity.seconds(from)} – ${Quantity.seconds(to)}`

/** At most 80 spans. A short rest at the end belongs to the last one, as its rate alone would say little. */
const spansOf = ({ seconds, throughput }: Snapshot): ReadonlyArray<Span> => {
  const { points } = throughput
  const each = Math.ceil(points.length / mostSpans)
  const width = each * throughput.seconds
  const count = Math.max(1, Math.ceil(seconds / width - 0.25))
  return Array.from({ length: count }, (_, index) => {
    const isLast = index === count - 1
    const from = index * width
    const to = isLast ? Math.max(seconds, from + throughput.seconds / 4) : from + width
    const part = points.slice(index * each, isLast ? undefined : (index + 1) * each)
    const rate = (amount: (point: (typeof points)[number]) => number) =>
      part.reduce((all, point) => all + amount(point), 0) / (to - from)
    return {
      from,
      to,
      succeeded: rate(({ succeeded }) => succeeded),
      failed: rate(({ failed }) => failed),
      refused: rate(({ refused }) => refused),
      bytes: rate(({ bytes }) => bytes)
    }
  })
}

export const latency = ({ latency }: Snapshot): Html => {
  const { buckets, max, p50, p95, p99 } = latency
  if (buckets.length === 0) return html`<p>No request was made.</p>`
  return html`<figure><figcaption>From an entry’s first request to its outcome, waits before further attempts included. Each column is 1.4 times as wide as the one before it.</figcaption>${
    Chart.chart(
      `Distribution of latency: half of all entries took up to ${Quantity.millis(p50)}, 95 % up to ${
        Quantity.millis(p95)
      }, 99 % up to ${Quantity.millis(p99)}, the slowest ${Quantity.millis(max)}. The numbers are in the table below.`,
      (frame) => latencyIn(frame, buckets, [["p50", p50], ["p95", p95], ["p99", p99]])
    )
  }</figure>${latencyTable(buckets)}`
}

const latencyIn = (
  frame: Frame,
  buckets: ReadonlyArray<Bucket>,
  markers: ReadonlyArray<readonly [name: string, millis: number]>
): Html => {
  const vertical = Chart.steps(Math.max(...buckets.map(({ count }) => count)), 4)
  const top = vertical.at(-1)!
  // One empty column at least on both sides, so that few columns don't look like a wall.
  const low = Math.log(buckets[0]!.from / 2)
  const high = Math.log(buckets.at(-1)!.to * 2)
  const share = (millis: number) => (Math.log(millis) - low) / (high - low)
  const column = ({ count, from, to }: Bucket): Html => {
    const [left, right, upper] = [Chart.x(frame, share(from)), Chart.x(frame, share(to)), Chart.y(frame, count / top)]
    const width = Chart.round(Math.max(1, right - left - 1))
    return html`<rect class="good" x="${left}" y="${upper}" width="${width}" height="${
      Chart.round(frame.bottom - upper)
    }"/><rect class="hover" x="${left}" y="${frame.top}" width="${width}" height="${frame.bottom - frame.top}"><title>${
      bucketText(from, to)
    }: ${Quantity.counted(count, "entry", "entries")}</title></rect>`
  }
  const marker = ([name, millis]: readonly [string, number], index: number): Html => {
    const [at, height] = [Chart.x(frame, share(millis)), frame.top - 24 + index * 13]
    const isRight = at > (frame.left + frame.right) / 2
    return html`<line class="mark" x1="${at}" x2="${at}" y1="${
      height - 9
    }" y2="${frame.bottom}"/><text class="marker" x="${at + (isRight ? -4 : 4)}" y="${height}" text-anchor="${
      isRight ? "end" : "start"
    }">${name} ${Quantity.millis(millis)}</text>`
  }
  return html`${
    Chart.axes(frame, {
      horizontal: logTicks(low, high, frame).map((millis) => ({ at: share(millis), label: tickText(millis) })),
      horizontalUnit: "time, on a logarithmic scale",
      vertical: vertical.map((n) => ({ at: n / top, label: tickLabel(n) })),
      verticalUnit: "entries"
    })
  }${buckets.map(column)}${markers.map(marker)}`
}

/** Powers of ten; where there are few of them, 2 and 5 times these too. */
const logTicks = (low: number, high: number, frame: Frame): ReadonlyArray<number> => {
  const powers = Array.from({ length: 12 }, (_, index) => 10 ** (index - 3))
  const isShown = (millis: number) => Math.log(millis) >= low && Math.log(millis) <= high
  const wanted = frame.name === "wide" ? 4 : 2
  const few = powers.filter(isShown).length < wanted
  return (few ? powers.flatMap((power) => [power, 2 * power, 5 * power]) : powers).filter(isShown)
}

/** `0.5 ms`, `20 ms`, `1 s`, `100 s`. */
const tickText = (millis: number): string =>
  millis >= 1000 ? `${Number((millis / 1000).toPrecision(3))} s` : `${Number(millis.toPrecision(3))} ms`

const latencyTable = (buckets: ReadonlyArray<Bucket>): Html =>
  html`<details><summary>Latency as a table</summary><table><thead><tr><th scope="col">Took</th><th scope="col" class="number">Entries</th></tr></thead><tbody>${
    buckets.map(({ count, from, to }) =>
      html`<tr><th scope="row">${bucketText(from, to)}</th><td class="number">${Quantity.count(count)}</td></tr>`
    )
  }</tbody></table></details>`

const bucketText = (from: number, to: number): string => `${Quantity.millis(from)} – ${Quantity.millis(to)}`
