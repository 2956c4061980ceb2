/**
 * A real Chromium, the one that is installed, with a profile of its own that is
 * thrown away. Its layer owns it.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Browser, Page } from "playwright-core"
import { chromium } from "playwright-core"

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]

const executable: string | undefined = (process.env.PATH ?? "").split(Path.delimiter).flatMap((folder) =>
  names.map((name) => Path.join(folder, name))
).find((path) => Fs.existsSync(path))

/** Why tests with it are skipped. Where it is missing they are not skipped in CI: they fail there. */
export const skipReason: string | undefined = process.env.TEST_MODE === "quick"
  ? " (skipped by npm run test:quick)"
  : executable === undefined && process.env.CI === undefined
  ? " (skipped: there is no Chromium on the PATH)"
  : undefined

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

export class Chromium extends Context.Tag("test/Chromium")<Chromium, Browser>() {}

export const layer = Layer.scoped(
  Chromium,
  Effect.acquireRelease(
    Effect.promise(() => chromium.launch({ executablePath: executable ?? "chromium", headless: true, args: flags })),
    (browser) => Effect.promise(() => browser.close())
  )
)

export interface Look {
  readonly colorScheme: "light" | "dark"
  readonly width: number
}

/** What went over the network and what the page complained of, besides the page. */
interface Opened {
  readonly page: Page
  readonly requests: ReadonlyArray<string>
  readonly complaints: ReadonlyArray<string>
}

/** Opens a file as people do, by its path, or a page by its URL. */
export const open = (path: string, { colorScheme, width }: Look) =>
  Effect.gen(function*() {
    const context = yield* Effect.acquireRelease(
      Effect.flatMap(Chromium, (browser) =>
        Effect.promise(() => browser.newContext({ colorScheme, viewport: { width, height: 900 } }))),
      (context) =>
        Effect.promise(() => context.close())
    )
    const requests: Array<string> = []
    const complaints: Array<string> = []
    const page = yield* Effect.promise(() => context.newPage())
    page.on("request", (request) => requests.push(request.url()))
    page.on("console", (message) => complaints.push(message.text()))
    page.on("pageerror", (error) => complaints.push(error.message))
    yield* Effect.promise(() => page.goto(path.startsWith("http:") ? path : `file://${path}`))
    return { page, requests, complaints } satisfies Opened
  })
