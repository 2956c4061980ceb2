/**
 * One run: entries from the input go through the library into the output, while
 * statistics are kept and shown. It ends with an exit code.
 */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"
import type * as FastGetConfig from "fastget/FastGetConfig"
import type { PoolError } from "fastget/PoolError"
import * as Fs from "node:fs/promises"
import * as Tty from "node:tty"
import * as CliError from "./CliError.js"
import type { EntryId } from "./EntryId.js"
import * as ExitCode from "./ExitCode.js"
import * as Input from "./Input.js"
import * as Interrupt from "./Interrupt.js"
import * as Output from "./Output.js"
import type { Plan } from "./Plan.js"
import * as Progress from "./Progress.js"
import * as Report from "./Report.js"
import * as ResultValue from "./ResultValue.js"
import * as RunStatistics from "./RunStatistics.js"
import type * as Sink from "./Sink.js"
import * as Summary from "./Summary.js"

export interface Options {
  readonly plan: Plan
  readonly library: FastGetConfig.LayerOptions
  /** What they come to. */
  readonly settings: FastGetConfig.Settings
  readonly quiet: boolean
  readonly verbose: boolean
  readonly summaryFile: string | undefined
  readonly reportFile: string | undefined
  /** The command that goes on, if the run ends before its input does. */
  readonly howToResume: string | undefined
}

export type Failure = CliError.InputFailed | PoolError | Sink.Failure

/** Runs it; gives the exit code. */
export const run = (options: Options): Effect.Effect<number, Failure> =>
  Effect.scoped(Effect.gen(function*() {
    const { plan, quiet } = options
    const statistics = RunStatistics.make({ settings: options.settings })
    const progress = Progress.make({ quiet, isTerminal: isTerminal(plan) })
    const interrupt = yield* Interrupt.make(() =>
      progress.say("Stopping: what is in flight is finished. Ctrl-C again stops at once.")
    )
    const output = yield* Output.open(plan.output, statistics)
    statistics.begun(yield* countAll(plan, output, interrupt))
    const fetching = Effect.scoped(Effect.zipRight(
      progress.show(statistics),
      fetchAll(options, output, interrupt)
    ))
    const exit = yield* Effect.exit(Effect.raceFirst(fetching, Deferred.await(interrupt.twice)))
    const finished = yield* Effect.exit(output.finish)
    const whole = Exit.zipRight(exit, finished)
    if (isReaderGone(whole)) return 0
    yield* tell(options, statistics, interrupt.exitCode() !== undefined || Exit.isFailure(whole))
    yield* whole
    const { badRows, failed, succeeded } = statistics.snapshot()
    const kept = output.before.kept()
    return interrupt.exitCode() ??
      ExitCode.ofRun(succeeded + failed + badRows + kept.outcomes, failed + badRows + kept.failures, plan.tolerance)
  }))

/** How many rows of the input there are and how many of them are done; where it can't be told before, as it goes on. */
const countAll = (plan: Plan, { before, choice }: Output.Output, interrupt: Interrupt.Interrupt) =>
  Effect.gen(function*() {
    const { input, output: { retry } } = plan
    // Who stops the run need not know how many there would have been.
    const count = (choice: Input.Choice) =>
      Effect.raceFirst(Input.count(input, choice), Effect.as(Deferred.await(interrupt.once), undefined))
    if (before.isEmpty && retry?.only !== true) return { total: yield* count(Input.everything), skipped: 0 }
    const toDo = yield* count(choice)
    const skipped = before.skipped()
    before.restart()
    if (toDo !== undefined) return { total: skipped + toDo, skipped }
    // What is left out by a retry, and not done, is not part of the total.
    const total = input.range === undefined || retry?.only === true ? undefined : yield* count(Input.everything)
    return { total, skipped: before.skipped }
  })

/** Whether stderr is a terminal that is not also filled with the output. */
const isTerminal = ({ output }: Plan): boolean =>
  process.stderr.isTTY === true && (output.file !== undefined || !Tty.isatty(1))

const isReaderGone = (exit: Exit.Exit<void, Failure>): boolean =>
  Exit.isFailure(exit) && Chunk.some(Cause.failures(exit.cause), ({ _tag }) => _tag === "ReaderGone")

/** Fetches what the input has and the output lacks. */
const fetchAll = (
  { library, plan, verbose }: Options,
  output: Output.Output,
  interrupt: Interrupt.Interrupt
): Effect.Effect<void, Failure> =>
  Effect.gen(function*() {
    const service = yield* FastGet.FastGet
    const entries = Input.batches(plan.input, output.choice).pipe(
      Stream.mapEffect(({ badRows, entries }) =>
        Effect.as(output.writeBadRows(badRows), Chunk.unsafeFromArray(entries))
      ),
      Stream.flattenChunks
    )
    // The service's own `run`: it can be drained, and no header of a response goes from thread to thread for it.
    const outcomes = service.run({
      entries,
      drain: Deferred.await(interrupt.once),
      options: {},
      as: plan.output.needs === "bytes" ? "bytes" : "json",
      withHeaders: false,
      failFast: false,
      logged: verbose,
      decode: ResultValue.decoder(plan.output.needs),
      emit: (id: EntryId, url, result, { attempts, bytes, elapsed, status }): Output.Done => ({
        id,
        url,
        result,
        status: status === 0 ? undefined : status,
        headers: noHeaders,
        bytes,
        attempts,
        elapsed: Duration.millis(elapsed)
      })
    })
    yield* Stream.runForEachChunk(outcomes, (batch) => output.write(Chunk.toReadonlyArray(batch))).pipe(
      // The input's failures are the run's; one of an entry is its outcome and comes out as none.
      Effect.catchTag("FetchError", Effect.die)
    )
  }).pipe(Effect.provide(NodeFastGet.layer(library)))

const noHeaders = {}

/** The summary, on stderr and where it is wanted. */
const tell = (
  { howToResume, quiet, reportFile, summaryFile }: Options,
  statistics: RunStatistics.RunStatistics,
  isUnfinished: boolean
): Effect.Effect<void, CliError.OutputFailed> =>
  Effect.gen(function*() {
    const snapshot = statistics.snapshot()
    if (!quiet) {
      yield* Effect.sync(() =>
        process.stderr.write(`${Summary.text(snapshot, isUnfinished ? howToResume : undefined)}\n`)
      )
    }
    if (summaryFile !== undefined) {
      yield* writeFile(summaryFile, `${JSON.stringify(Summary.json(snapshot), undefined, 2)}\n`)
    }
    if (reportFile !== undefined) {
      yield* writeFile(reportFile, Report.html(snapshot))
    }
  })

const writeFile = (name: string, text: string): Effect.Effect<void, CliError.OutputFailed> =>
  Effect.tryPromise({
    try: () => Fs.writeFile(name, text),
    catch: CliError.unwritable(name)
  })
