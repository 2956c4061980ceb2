/**
 * The look of the report: one sheet, light and dark, narrow and wide, on paper.
 */

/** All text has a contrast of at least 4.5 to its ground, in both schemes. */
export const css = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f5f6f8; --line: #d8dce2; --text: #16191d; --quiet: #59616c;
  --accent: #0a5fc0; --bad: #b3261e; --held: #b07800;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121417; --raised: #1b1e23; --line: #363b43; --text: #e7e9ec; --quiet: #a4acb8;
    --accent: #69adff; --bad: #ff8a7e; --held: #e0b450;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 62rem; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.015em; }
h2 { margin: 0 0 0.75rem; font-size: 1.15rem; line-height: 1.3; font-weight: 650; }
p { margin: 0 0 0.5rem; max-width: 54rem; }
p:last-child { margin-bottom: 0; }
a { color: var(--accent); text-underline-offset: 0.2em; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }
section { margin-top: 2.75rem; }
.quiet { color: var(--quiet); }
.small { font-size: 0.875rem; }
.nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 1.25rem 0 0; padding: 0; list-style: none; font-size: 0.9rem; }
.nav a { display: inline-block; padding: 0.25rem 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1px; margin: 1.75rem 0 0;
  background: var(--line); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.figures div { padding: 0.8rem 1rem; background: var(--ground); }
.figures dt { color: var(--quiet); font-size: 0.85rem; }
.figures dd { margin: 0; font-size: 1.35rem; font-weight: 600; line-height: 1.3; letter-spacing: -0.01em; }
.figures .figure-note { font-size: 0.85rem; font-weight: 400; letter-spacing: 0; }
.figures dd.failing { color: var(--bad); }
.verdict { padding: 1rem 1.25rem; background: var(--raised); border-left: 3px solid var(--accent); border-radius: 0 6px 6px 0; }
.verdict p:first-child { font-size: 1.1rem; font-weight: 600; }
.evidence { margin: 0.75rem 0 0; padding-left: 1.2rem; color: var(--quiet); font-size: 0.9rem; }
figure { margin: 0; }
figcaption { margin-bottom: 0.5rem; color: var(--quiet); font-size: 0.9rem; }
.key { display: inline-block; width: 0.7em; height: 0.7em; margin: 0 0.35em 0 0; border-radius: 2px; }
.key.good, .key.failed, .key.refused { background: currentColor; }
.key.good { color: var(--accent); } .key.failed { color: var(--bad); } .key.refused { color: var(--held); }
.legend { white-space: nowrap; margin-right: 1rem; }
svg.chart { display: block; width: 100%; height: auto; }
svg.narrow { display: none; }
svg text { fill: var(--quiet); font-size: 12px; font-family: inherit; }
svg text.marker { fill: var(--text); font-weight: 600; stroke: var(--ground); stroke-width: 4px; paint-order: stroke; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .axis { stroke: var(--quiet); stroke-width: 1; }
svg .mark { stroke: var(--text); stroke-width: 1; stroke-dasharray: 3 3; }
svg .good, svg .failed, svg .refused { fill: var(--accent); shape-rendering: crispEdges; }
svg .failed { fill: var(--bad); } svg .refused { fill: var(--held); }
svg .hover { fill: transparent; } svg .hover:hover { fill: var(--text); fill-opacity: 0.1; }
svg.share { display: block; width: 100%; height: 0.55rem; border-radius: 3px; background: var(--raised); }
table { width: 100%; border-collapse: collapse; font-size: 0.925rem; }
caption { text-align: left; color: var(--quiet); font-size: 0.9rem; padding-bottom: 0.5rem; }
th, td { padding: 0.45rem 1rem 0.45rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-size: 0.85rem; white-space: nowrap; vertical-align: bottom; }
td.time { white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
td.bar { width: 34%; vertical-align: middle; }
.url { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.85rem; overflow-wrap: anywhere; word-break: break-word; min-width: 8rem; }
details { margin-top: 0.75rem; }
summary { cursor: pointer; color: var(--accent); font-size: 0.9rem; padding: 0.2rem 0; width: fit-content; }
details table { margin-top: 0.5rem; width: auto; min-width: min(100%, 26rem); }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: 0.85rem; }
@media (max-width: 40rem) {
  body { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.4rem; }
  section { margin-top: 2.25rem; }
  svg.wide { display: none; }
  svg.narrow { display: block; }
  .figures { grid-template-columns: repeat(2, 1fr); }
  .figures dd:not(.figure-note) { font-size: 1.15rem; }
  th, td { padding-right: 0.65rem; }
  .optional { display: none; }
  td.bar { width: 24%; }
}
@media print {
  body { padding: 0; max-width: none; }
  .nav { display: none; }
  section { break-inside: avoid; }
}
`
