/**
 * Shows on stderr how a run goes, until its scope closes: a live display on a
 * terminal, else a line every ten seconds. The display is wiped away at the
 * end, and the cursor comes back, however the program ends, and while it is
 * suspended or in the background.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as FetchMetrics from "fastget/FetchMetrics"
import { createLogUpdate } from "log-update"
import { stripVTControlCharacters } from "node:util"
import type { RunStatistics } from "../stats/RunStatistics.js"
import type { Gauges } from "./ProgressText.js"
import * as ProgressText from "./ProgressText.js"
import * as Suspension from "./Suspension.js"

export interface Options {
  readonly quiet: boolean
  /** Whether stderr is a terminal that is not also filled with the output. */
  readonly isTerminal: boolean
}

export interface Progress {
  /** Until the scope closes. */
  readonly show: (statistics: RunStatistics) => Effect.Effect<void, never, Scope.Scope>
  /** Says something meanwhile: a line above the display. */
  readonly say: (line: string) => void
}

const liveEvery = "200 millis"
const lineEvery = "10 seconds"

export const make = ({ isTerminal, quiet }: Options): Progress => {
  if (quiet) return { show: () => Effect.void, say: () => {} }
  const stream = process.stderr
  let isOpen = true
  const write = (text: string): void => {
    if (isOpen) stream.write(text)
  }
  let say = (line: string): void => write(`${line}\n`)
  const show = (statistics: RunStatistics) =>
    Effect.gen(function*() {
      // When the reader of stderr has closed it, nothing more is shown, and the run continues.
      yield* listen(stream, "error", () => {
        isOpen = false
      })
      const term = yield* Effect.orElseSucceed(Config.string("TERM"), () => "")
      if (!isTerminal || term === "dumb") {
        yield* plain(statistics, write)
        return
      }
      const display = createLogUpdate(stream)
      const sayBelow = say
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          say = (line) => isOpen ? display.persist(line) : undefined
        }),
        () =>
          Effect.sync(() => {
            say = sayBelow
          })
      )
      yield* live(stream, display, statistics, () => isOpen)
    })
  return { show, say: (line) => say(line) }
}

const plain = (statistics: RunStatistics, write: (text: string) => void) =>
  Effect.sync(() => write(`fastget: ${ProgressText.line(statistics.snapshot())}\n`)).pipe(
    Effect.delay(lineEvery),
    Effect.forever,
    Effect.forkScoped
  )

const live = (
  stream: NodeJS.WriteStream,
  display: ReturnType<typeof createLogUpdate>,
  statistics: RunStatistics,
  isOpen: () => boolean
) =>
  Effect.gen(function*() {
    let shown: ReadonlyArray<string> = []
    const terminal = () => ({ columns: stream.columns || 80, rows: stream.rows || 24, hasColors: stream.hasColors() })
    const wipe = () => {
      if (isOpen()) display.clear()
      display.done()
    }
    // After a suspension the old display is not erased: another program may have written over it.
    const suspension = yield* Suspension.make(wipe, display.done)
    const draw = Effect.map(Effect.zipRight(afterSignals, gauges), (gauges) => {
      if (!isOpen() || !suspension.isForeground()) return
      shown = ProgressText.lines(statistics.snapshot(), gauges, terminal())
      display(shown.join("\n"))
    })
    yield* Effect.acquireRelease(
      Effect.sync(() => endings.forEach((event) => process.on(event, wipe))),
      () =>
        Effect.sync(() => {
          endings.forEach((event) => process.off(event, wipe))
          wipe()
        })
    )
    yield* listen(stream, "resize", () => {
      if (!isOpen()) return
      stream.write(eraseWrapped(shown, terminal().columns))
      display.clear()
    })
    yield* Effect.forkScoped(Effect.repeat(draw, Schedule.spaced(liveEvery)))
  })

/** Events by which a process ends without closing its scopes; the display is erased before anything is printed. */
const endings = ["uncaughtExceptionMonitor", "exit"] as const

/**
 * A terminal that became narrower has wrapped the lines that were drawn, which
 * the display does not know of: this erases the additional rows.
 */
const eraseWrapped = (lines: ReadonlyArray<string>, columns: number): string => {
  const rows = lines.reduce(
    (all, line) => all + Math.max(0, Math.ceil(stripVTControlCharacters(line).length / columns) - 1),
    0
  )
  return "\u001B[1A\u001B[2K".repeat(rows)
}

/**
 * After a suspension timers fire before the handler of SIGCONT. A display drawn by then would be in the wrong place, as
 * another program may have written since; so each drawing first lets signals be handled.
 */
const afterSignals = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

const gauges: Effect.Effect<Gauges> = Effect.zipWith(
  Metric.value(FetchMetrics.workers),
  Metric.value(FetchMetrics.inFlight),
  (workers, inFlight) => ({ workers: workers.value, inFlight: inFlight.value })
)

const listen = (stream: NodeJS.WriteStream, event: string, listener: () => void) =>
  Effect.acquireRelease(
    Effect.sync(() => stream.on(event, listener)),
    () => Effect.sync(() => stream.off(event, listener))
  )
