/**
 * A run as one page: it needs nothing else, asks for nothing and runs no
 * script, which its own policy forbids. All data are escaped.
 */
import * as Crypto from "node:crypto"
import * as Limit from "../stats/Limit.js"
import * as Quantity from "../stats/Quantity.js"
import type { Snapshot } from "../stats/Snapshot.js"
import * as Version from "../Version.js"
import type { Html } from "./Html.js"
import * as Markup from "./Html.js"
import * as ReportCharts from "./ReportCharts.js"
import { css } from "./ReportStyle.js"
import * as SettingsList from "./SettingsList.js"
import * as Summary from "./Summary.js"

const markup = Markup.html

const policy = `default-src 'none'; img-src data:; style-src 'sha256-${
  Crypto.createHash("sha256").update(css).digest("base64")
}'; base-uri 'none'; form-action 'none'`

const sections: ReadonlyArray<readonly [id: string, title: string, content: (snapshot: Snapshot) => Html]> = [
  ["limit", "What limited the run", (snapshot) => limit(snapshot)],
  ["throughput", "Throughput over time", (snapshot) => ReportCharts.throughput(snapshot)],
  ["servers", "Limits of servers", (snapshot) => servers(snapshot)],
  ["latency", "Latency", (snapshot) => ReportCharts.latency(snapshot)],
  ["reasons", "Failures by reason", (snapshot) => reasons(snapshot)],
  ["hosts", "Failures by host", (snapshot) => hosts(snapshot)],
  ["slowest", "Slowest URLs", (snapshot) => slowest(snapshot)],
  ["settings", "Settings", (snapshot) => settings(snapshot)]
]

export const html = (snapshot: Snapshot): string => page(snapshot).markup

const page = (snapshot: Snapshot): Html =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>FastGet: ${Summary.headline(snapshot)}</title>
<style>${Markup.trusted(css)}</style>
</head>
<body>
<header>
${heading(snapshot)}
<nav aria-label="On this page"><ul class="nav">${
    sections.map(([id, title]) => markup`<li><a href="#${id}">${title}</a></li>`)
  }</ul></nav>
</header>
<main>
${figures(snapshot)}
${
    sections.map(([id, title, content]) =>
      markup`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${
        content(snapshot)
      }</section>
`
    )
  }</main>
<footer>Written by fastget ${Version.version}. This page is complete in itself and loads nothing.</footer>
</body>
</html>
`

const heading = ({ badRows, done, failed, seconds, skipped, startedAt, succeeded, total }: Snapshot): Html => {
  const wanted = total === undefined ? done : total - skipped
  const started = new Date(startedAt).toISOString()
  const rest = [
    ...(failed === 0 ? [] : [`${Quantity.count(failed)} failed`]),
    ...(badRows === 0 ? [] : [Quantity.counted(badRows, "bad row")]),
    ...(done < wanted ? [`${Quantity.count(wanted - done)} left`] : []),
    ...(skipped === 0 ? [] : [`${Quantity.count(skipped)} done before`])
  ]
  return markup`<h1>Fetched ${Quantity.count(succeeded)} of ${Quantity.count(wanted)}</h1>
<p class="quiet">Began <time datetime="${started}">${started.slice(0, 19).replace("T", " ")} UTC</time>, took ${
    Quantity.seconds(seconds)
  }${rest.length === 0 ? "" : `; ${rest.join(", ")}`}.</p>`
}

const figures = ({ attempts, badRows, bytes, bytesRate, done, failed, latency, rate, written }: Snapshot): Html => {
  const failing = failed + badRows
  const figure = (name: string, value: string, more: string, isFailing = false): Html =>
    markup`<div><dt>${name}</dt><dd${
      Markup.trusted(isFailing ? " class=\"failing\"" : "")
    }>${value}</dd><dd class="quiet small figure-note">${more}</dd></div>`
  return markup`<dl class="figures">${[
    figure("Rate", Quantity.rate(rate.average), Quantity.counted(attempts, "request")),
    figure(
      "Failed",
      done === 0 ? "none" : Quantity.percent(failing / done),
      `${Quantity.count(failing)} of ${Quantity.count(done)}`,
      failing > 0
    ),
    figure("Latency p50", Quantity.millis(latency.p50), "the median"),
    figure("Latency p95", Quantity.millis(latency.p95), `p99 ${Quantity.millis(latency.p99)}`),
    figure("Received", Quantity.bytes(bytes), `${Quantity.bytes(bytesRate.average)}/s`),
    figure("Written", Quantity.bytes(written), "to the output")
  ]}</dl>`
}

const limit = (snapshot: Snapshot): Html => {
  const { advice, evidence, verdict } = Limit.of(snapshot)
  return markup`<div class="verdict"><p>${verdict}</p>${
    advice === undefined ? Markup.empty : markup`<p>${advice}</p>`
  }</div>
<ul class="evidence">${evidence.map((sentence) => markup`<li>${sentence}</li>`)}</ul>`
}

const shownOrigins = 20

const servers = ({ origins }: Snapshot): Html =>
  origins.length === 0 ? markup`<p>No server refused a request for its rate, and none was down.</p>` : table(
    "Origins that refused requests for their rate, which were asked for again later, or at which nothing answered.",
    markup`<th scope="col">Origin</th><th scope="col" class="number optional">Answered</th><th scope="col" class="number">Refused</th><th scope="col" class="number">Bears about</th><th scope="col" class="number optional">Waited</th><th scope="col" class="number optional">Not asked for</th>`,
    origins.slice(0, shownOrigins).map(({ answered, heldUp, origin, rate, refusals, skipped }) =>
      markup`<tr><th scope="row" class="url"><bdi>${origin}</bdi></th><td class="number optional">${
        Quantity.count(answered)
      }</td><td class="number">${Quantity.count(refusals)}</td><td class="number">${
        rate === undefined ? "not learned" : Quantity.requests(rate).limit
      }</td><td class="number optional">${Quantity.seconds(heldUp / 1000)}</td><td class="number optional">${
        Quantity.count(skipped)
      }</td></tr>`
    )
  )

/** A bar beside the numbers; it says nothing they don't. */
const bar = (share: number): Html =>
  markup`<td class="bar"><svg class="share" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect class="failed" x="0" y="0" width="${
    Math.max(share > 0 ? 0.5 : 0, Math.round(share * 1000) / 10)
  }" height="1"/></svg></td>`

const table = (caption: string, head: Html, rows: ReadonlyArray<Html>): Html =>
  markup`<table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`

const reasons = ({ badRows, failed, failures }: Snapshot): Html => {
  const all = failed + badRows
  if (all === 0) return markup`<p>Nothing failed.</p>`
  const rows = [
    ...failures.map((failure) => ({ name: Summary.reason(failure), count: failure.count })),
    ...(badRows === 0 ? [] : [{ name: "Row that is no entry", count: badRows }])
  ]
  return table(
    `${Quantity.counted(all, "failure")} in all.`,
    markup`<th scope="col">Reason</th><th scope="col" class="number">Entries</th><th scope="col" class="number">Share</th><td class="bar"></td>`,
    rows.map(({ count, name }) =>
      markup`<tr><th scope="row">${name}</th><td class="number">${Quantity.count(count)}</td><td class="number">${
        Quantity.percent(count / all)
      }</td>${bar(count / all)}</tr>`
    )
  )
}

const hosts = ({ failed, hostCount, hostUncertainty, hosts }: Snapshot): Html => {
  const failing = hosts.filter(({ failed }) => failed > 0)
  if (failing.length === 0) return markup`<p>No host failed.</p>`
  const caption = `The hosts with most failures, of ${Quantity.count(hostCount)} known.` +
    (hostUncertainty === 0 ?
      "" :
      ` There were too many to count all: up to ${
        Quantity.counted(hostUncertainty, "failure")
      } may be missing in each line.`)
  return table(
    caption,
    markup`<th scope="col">Host</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Entries</th><td class="bar"></td>`,
    failing.map((host) =>
      markup`<tr><th scope="row" class="url"><bdi>${host.host}</bdi></th><td class="number">${
        Quantity.count(host.failed)
      }</td><td class="number">${Quantity.count(host.entries)}</td>${bar(host.failed / Math.max(1, failed))}</tr>`
    )
  )
}

const slowest = ({ slowest }: Snapshot): Html =>
  slowest.length === 0 ? markup`<p>No request was made.</p>` : table(
    "All attempts of an entry together. What may be secret in a URL is not shown.",
    markup`<th scope="col">Took</th><th scope="col">URL</th><th scope="col">Outcome</th><th scope="col" class="number optional">Attempts</th>`,
    slowest.map(({ attempts, millis, reason, status, url }) =>
      markup`<tr><td class="time">${
        Quantity.millis(millis)
      }</td><th scope="row" class="url"><bdi>${url}</bdi></th><td>${
        reason === "success" ? `${status ?? "success"}` : reason === "Status" ? `Status ${status}` : reason
      }</td><td class="number optional">${Quantity.count(attempts)}</td></tr>`
    )
  )

const settings = (snapshot: Snapshot): Html =>
  snapshot.settings === undefined ? markup`<p>They are not known.</p>` : table(
    snapshot.isOverCluster
      ? "Of the run. Limits, threads and clients are those of the cluster's runners. Of headers the names only."
      : "As the library got them. Of headers the names only; of certificates and keys, that they were given.",
    markup`<th scope="col">Option</th><th scope="col">Value</th>`,
    SettingsList.make(snapshot).map(([name, value]) =>
      markup`<tr><th scope="row">${name}</th><td class="url">${value}</td></tr>`
    )
  )
