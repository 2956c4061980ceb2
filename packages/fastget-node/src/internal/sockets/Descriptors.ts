/**
 * How many connections this process may have open: its limit of open files,
 * less what the threads and the rest of the program need. The settings of a
 * layer come in; settings that fit go out, with a warning where they had to be
 * lowered.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as FastGetConfig from "fastget/FastGetConfig"

/** Open files of Node itself and of a thread; measured: 20 and 4. */
const ofNode = 64
const ofThread = 8

/** What of the limit is left to the rest of the program, at least. */
const leftFree = 1 / 4

/**
 * The soft limit of open files, where there is one and the system tells it.
 * Node raises it to the hard limit when it starts. From /proc it costs 1 ms,
 * from a report, where there is no /proc, 5 ms; Windows has none.
 */
export const softLimit: Effect.Effect<Option.Option<number>> = Effect.sync(() => {
  const read = process.platform === "win32" ? undefined : process.platform === "linux" ? fromProc : fromReport
  return Option.flatMap(
    Option.fromNullable(read),
    (read) => Option.filter(Option.liftThrowable(read)(), Number.isFinite)
  )
})

const fromProc = (): number => {
  const limits = process.getBuiltinModule("node:fs").readFileSync("/proc/self/limits", "latin1")
  return Number(/^Max open files\s+(\S+)/m.exec(limits)?.[1])
}

const fromReport = (): number => {
  const { report } = process
  // It would look up the names of all peers; the types do not know that it need not.
  const before: unknown = Reflect.get(report, "excludeNetwork")
  Reflect.set(report, "excludeNetwork", true)
  const { userLimits } = report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } }
  }
  Reflect.set(report, "excludeNetwork", before)
  return Number(userLimits?.open_files?.soft)
}

/**
 * The connections that fit a limit of open files.
 */
export const roomFor = (limit: number, numWorkers: number): number =>
  Math.max(numWorkers, Math.floor(Math.min(limit - ofNode - ofThread * numWorkers, limit * (1 - leftFree))))

/**
 * The settings with no more connections than fit. Warns where it lowers what
 * was asked for: `connectionsPerOrigin`, or a `maxConnections` that was given.
 */
export const fit = (
  settings: FastGetConfig.Settings,
  given: FastGetConfig.LayerOptions
): Effect.Effect<FastGetConfig.Settings> =>
  Effect.flatMap(softLimit, (limit) => {
    const room = limit._tag === "None" ? Infinity : roomFor(limit.value, settings.numWorkers)
    const lowered = {
      ...settings,
      maxConnections: Math.min(settings.maxConnections, room),
      connectionsPerOrigin: Math.min(settings.connectionsPerOrigin, room)
    }
    const asked = Math.max(settings.connectionsPerOrigin, given.maxConnections ?? 0)
    return asked <= room ? Effect.succeed(lowered) : Effect.as(
      Effect.logWarning(
        `FastGet opens at most ${room} connections, and not ${asked}: this process may have ${
          Option.getOrElse(limit, () => Infinity)
        } files open (ulimit -n). Raise that, or lower connectionsPerOrigin and maxConnections.`
      ).pipe(Effect.annotateLogs({ package: "fastget" })),
      lowered
    )
  })
