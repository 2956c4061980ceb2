import { describe, expect, it, layer } from "@effect/vitest"
import axe from "axe-core"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import type { Page } from "playwright-core"
import * as Report from "../../src/report/Report.js"
import * as Chromium from "../support/Chromium.js"
import * as Origins from "../support/Origins.js"
import * as Snapshots from "../support/Snapshots.js"

const evil = "<script>document.title=\"owned\"</script><img src=x onerror=alert(1)>\"'&"

const full = () => {
  const snapshot = Snapshots.snapshot({ badRows: 3, total: 2000, skipped: 100 })
  return {
    ...snapshot,
    hosts: [{ host: evil, entries: 20, failed: 9 }, { host: "a.example", entries: 900, failed: 1 }],
    slowest: [
      { url: `http://a.example/${evil}`, millis: 1500, attempts: 3, status: 503, reason: "Status" },
      { url: `http://a.example/${"long".repeat(500)}`, millis: 900, attempts: 1, status: 200, reason: "success" },
      ...snapshot.slowest
    ],
    throughput: {
      ...snapshot.throughput,
      points: snapshot.throughput.points.map((point, index) => ({ ...point, refused: index % 9 }))
    },
    origins: [
      Origins.held(6000),
      Origins.held(0, { host: evil, origin: `http://${evil}`, rate: undefined, skipped: 12 })
    ],
    settings: { ...snapshot.settings!, headers: { [evil]: "value" } }
  }
}

const looks: ReadonlyArray<Chromium.Look> = [
  { colorScheme: "light", width: 1280 },
  { colorScheme: "light", width: 360 },
  { colorScheme: "dark", width: 1280 },
  { colorScheme: "dark", width: 360 }
]

/** Writes the page where the browser finds it. */
const file = (markup: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "fastget-report-"))),
      (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
    ),
    (folder) => {
      const path = Path.join(folder, "report.html")
      Fs.writeFileSync(path, markup)
      return path
    }
  )

const evaluate = <A>(page: Page, f: () => A | Promise<A>) => Effect.promise(() => page.evaluate(f))

describe("Report", () => {
  it("holds the data only escaped, and no script", () => {
    const markup = Report.html(full())
    expect(markup).not.toContain("<script")
    expect(markup).not.toContain("<img")
    expect(markup).toContain("&lt;script&gt;document.title=&quot;owned&quot;")
  })

  it("allows itself nothing but its own style", () => {
    const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(Report.html(full())) ?? []
    expect(policy).toMatch(/^default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-[\w+/=]+&#39;; /)
  })

  it("is of bounded size", () => {
    expect(Report.html(full()).length).toBeLessThan(150_000)
  })

  it("tells what servers said of their limits", () => {
    const markup = Report.html(full())
    expect(markup).toContain("<p>Limited by a server limit: about 98 requests/s at api.example.com.</p>")
    expect(markup).toMatch(/<bdi>https:\/\/api\.example\.com<\/bdi>.*>900<.*>120<.*>98\/s<.*>6\.00 s</)
    expect(Report.html(Snapshots.nothing)).toContain("No server refused a request for its rate, and none was down.")
  })

  it("tells of a run in which nothing happened", () => {
    const markup = Report.html(Snapshots.nothing)
    for (const text of ["Fetched 0 of 0", "Nothing was fetched.", "No request was made.", "Nothing failed."]) {
      expect(markup).toContain(text)
    }
    expect(markup).not.toMatch(/NaN|Infinity|undefined/)
  })
})

describe.skipIf(Chromium.skipReason !== undefined)(`Report in Chromium${Chromium.skipReason ?? ""}`, () => {
  layer(Chromium.layer, { excludeTestServices: true, timeout: "60 seconds" })((it) => {
    for (const look of looks) {
      const name = `${look.colorScheme}, ${look.width} pixels wide`

      it.scoped(`asks for nothing, complains of nothing and fits: ${name}`, () =>
        Effect.gen(function*() {
          const path = yield* file(Report.html(full()))
          const { complaints, page, requests } = yield* Chromium.open(path, look)
          const seen = yield* evaluate(page, () => ({
            title: document.title,
            ground: getComputedStyle(document.body).backgroundColor,
            overflow: document.documentElement.scrollWidth - window.innerWidth,
            charts: [...document.querySelectorAll("svg.chart")].filter((chart) =>
              chart.getBoundingClientRect().width > 0
            )
              .map((chart) => chart.getAttribute("aria-label")!.split(":")[0]),
            smallest: Math.min(
              ...[...document.querySelectorAll("svg.chart text")].map((text) => text.getBoundingClientRect().height)
                .filter((height) => height > 0)
            )
          }))
          expect(complaints).toEqual([])
          expect(requests.filter((url) => !url.startsWith("data:"))).toEqual([`file://${path}`])
          expect(seen.title).toMatch(/^FastGet: fetched 990 of 1,900/)
          expect(seen.ground).toBe(look.colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(18, 20, 23)")
          expect(seen.overflow).toBeLessThanOrEqual(0)
          expect(seen.charts).toEqual(["Outcomes a second over 10.0 s", "Distribution of latency"])
          // Text in charts is as large as other small text, not scaled down.
          expect(seen.smallest).toBeGreaterThan(11)
        }), 120_000)

      it.scoped(`has no faults of accessibility that axe can find: ${name}`, () =>
        Effect.gen(function*() {
          const { page } = yield* Chromium.open(yield* file(Report.html(full())), look)
          yield* evaluate(page, () => {
            for (const details of document.querySelectorAll("details")) details.open = true
          })
          const faults = yield* Effect.promise(async () => {
            await page.evaluate(axe.source)
            return page.evaluate(async () => {
              const { passes, violations } = await (window as unknown as { axe: Axe }).axe.run()
              return {
                passes: passes.map(({ id }) => id),
                violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)
              }
            })
          })
          expect(faults.violations).toEqual([])
          expect(faults.passes).toEqual(expect.arrayContaining(["color-contrast", "heading-order", "region", "list"]))
        }), 120_000)
    }

    it.scoped(
      "is read by keyboard: links to the sections, then the tables behind the charts, in their order",
      () =>
        Effect.gen(function*() {
          const { page } = yield* Chromium.open(yield* file(Report.html(full())), looks[0]!)
          const reached: Array<string> = []
          for (let n = 0; n < 10; n++) {
            yield* Effect.promise(() => page.keyboard.press("Tab"))
            const text = yield* evaluate(page, () => {
              const { outlineStyle } = getComputedStyle(document.activeElement!)
              return `${document.activeElement!.textContent} ${outlineStyle}`
            })
            reached.push(text)
          }
          expect(reached).toEqual([
            "What limited the run solid",
            "Throughput over time solid",
            "Limits of servers solid",
            "Latency solid",
            "Failures by reason solid",
            "Failures by host solid",
            "Slowest URLs solid",
            "Settings solid",
            "Throughput as a table solid",
            "Latency as a table solid"
          ])
          yield* Effect.promise(() => page.keyboard.press("Enter"))
          const opened = yield* evaluate(page, () => {
            const table = document.querySelector("#latency details[open] table")
            return [...table!.querySelectorAll("tbody tr td")].reduce(
              (all, { textContent }) => all + Number(textContent),
              0
            )
          })
          expect(opened).toBe(1000)
        }),
      120_000
    )

    it.scoped("has one heading for the page and one for each section", () =>
      Effect.gen(function*() {
        const { page } = yield* Chromium.open(yield* file(Report.html(full())), looks[0]!)
        const headings = yield* evaluate(page, () =>
          [...document.querySelectorAll("h1, h2, h3")].map(({ tagName, textContent }) =>
            `${tagName} ${textContent}`
          ))
        expect(headings).toEqual([
          "H1 Fetched 990 of 1,900",
          "H2 What limited the run",
          "H2 Throughput over time",
          "H2 Limits of servers",
          "H2 Latency",
          "H2 Failures by reason",
          "H2 Failures by host",
          "H2 Slowest URLs",
          "H2 Settings"
        ])
      }), 120_000)
  })
})

/** As much of axe as is used here. */
interface Axe {
  readonly run: () => Promise<{
    readonly passes: ReadonlyArray<{ readonly id: string }>
    readonly violations: ReadonlyArray<
      { readonly id: string; readonly nodes: ReadonlyArray<{ readonly html: string }> }
    >
  }>
}
