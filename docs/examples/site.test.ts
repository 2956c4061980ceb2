/**
 * The site, built as `npm run docs` builds it, which fails on a dead link: pages
 * in Chromium, light and dark, wide and narrow, and what is made for language models.
 */
import { describe, expect, it, layer } from "@effect/vitest"
import axe from "axe-core"
import { Context, Effect, Layer } from "effect"
import { LoopbackServer } from "loopback"
import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import * as Chromium from "../../packages/fastget-cli/test/support/Chromium.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const dist = Path.join(root, "docs/.vitepress/dist")

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2"
}

/** The file that a host of static sites answers with. */
const fileOf = (path: string): string | undefined =>
  [path, `${path}.html`, `${path}index.html`]
    .map((name) => Path.join(dist, name))
    .find((file) => Fs.statSync(file, { throwIfNoEntry: false })?.isFile())

class Site extends Context.Tag("test/Site")<Site, string>() {}

/** Builds the site, and serves it. */
const SiteLive = Layer.scoped(
  Site,
  Effect.gen(function*() {
    // The build of the packages is there already; vitest's own variables are not for it.
    const { NODE_ENV: _, VITEST: __, ...env } = process.env
    yield* Effect.promise(() =>
      promisify(execFile)("npm", ["run", "--silent", "docs:site"], {
        cwd: root,
        env,
        shell: process.platform === "win32"
      })
    )
    const { url } = yield* LoopbackServer.make((request, response) => {
      const file = fileOf(decodeURIComponent(new URL(request.url ?? "/", "http://site").pathname))
      if (file === undefined) response.writeHead(404).end()
      else {
        response.writeHead(200, { "content-type": types[Path.extname(file)] ?? "text/plain; charset=utf-8" })
        response.end(Fs.readFileSync(file))
      }
    })
    return url
  })
)

const looks: ReadonlyArray<Chromium.Look> = [
  { colorScheme: "light", width: 1280 },
  { colorScheme: "light", width: 360 },
  { colorScheme: "dark", width: 1280 },
  { colorScheme: "dark", width: 360 }
]

/** As much of axe as is used here. */
interface Axe {
  readonly run: () => Promise<{
    readonly passes: ReadonlyArray<{ readonly id: string }>
    readonly violations: ReadonlyArray<
      { readonly id: string; readonly nodes: ReadonlyArray<{ readonly html: string }> }
    >
  }>
}

it("every page of docs is in the list of the site, or of the decisions", async () => {
  const pages = Fs.readdirSync(Path.join(root, "docs")).filter((name) => name.endsWith(".md"))
  const list = Fs.readFileSync(Path.join(root, "docs/site/Pages.mjs"), "utf8")
  const missing = pages.filter((name) => name !== "index.md" && !list.includes(`"${name.slice(0, -".md".length)}"`))
  expect(missing).toEqual([])
})

describe.skipIf(Chromium.skipReason !== undefined)(`the site in Chromium${Chromium.skipReason ?? ""}`, () => {
  layer(Layer.merge(SiteLive, Chromium.layer), { excludeTestServices: true, timeout: "10 minutes" })((it) => {
    for (const path of ["/", "/getting-started", "/options"]) {
      for (const look of looks) {
        it.scoped(`${path} has no fault that axe finds, complains of nothing and fits: ${look.colorScheme}, ${look.width}`, () =>
          Effect.gen(function*() {
            const { complaints, page } = yield* Chromium.open(`${yield* Site}${path}`, look)
            const seen = yield* Effect.promise(async () => {
              await page.waitForLoadState("networkidle")
              await page.evaluate(axe.source)
              return page.evaluate(async () => {
                const { passes, violations } = await (window as unknown as { axe: Axe }).axe.run()
                return {
                  isDark: document.documentElement.classList.contains("dark"),
                  overflow: document.documentElement.scrollWidth - window.innerWidth,
                  passes: passes.map(({ id }) => id),
                  violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)
                }
              })
            })
            expect(complaints).toEqual([])
            expect(seen.violations).toEqual([])
            expect(seen.passes).toEqual(expect.arrayContaining(["color-contrast", "heading-order", "region"]))
            expect(seen.isDark).toBe(look.colorScheme === "dark")
            expect(seen.overflow).toBeLessThanOrEqual(0)
          }))
      }
    }

    it.scoped("what is searched for is found", () =>
      Effect.gen(function*() {
        const { page } = yield* Chromium.open(`${yield* Site}/`, looks[0]!)
        const titles = yield* Effect.promise(async () => {
          await page.click("#local-search button")
          await page.fill(".VPLocalSearchBox input", "too many requests")
          await page.waitForSelector(".VPLocalSearchBox .result")
          return page.locator(".VPLocalSearchBox .result .titles").allInnerTexts()
        })
        expect(titles.join("\n")).toContain("My API answers 429")
      }))

    it.scoped("language models get a list of the pages, and all of them in one text", () =>
      Effect.gen(function*() {
        yield* Site
        const list = Fs.readFileSync(Path.join(dist, "llms.txt"), "utf8")
        const links = Array.from(list.matchAll(/\]\((\/[^)]*)\)/g), ([, path = ""]) => path)
        expect(links.length).toBeGreaterThan(15)
        expect(links.filter((path) => fileOf(path) === undefined)).toEqual([])
        const full = Fs.readFileSync(Path.join(dist, "llms-full.txt"), "utf8")
        expect(full).toContain("# Getting started")
        expect(full).toContain("# Architecture")
      }))
  })
})
