/**
 * One run: entries from the input go through the library into the output, while
 * statistics are kept and shown. It ends with an exit code.
 */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"
import type * as FastGetConfig from "fastget/FastGetConfig"
import type { PoolError } from "fastget/PoolError"
import type * as CliError from "./CliError.js"
import * as ExitCode from "./ExitCode.js"
import * as Input from "./input/Input.js"
import * as Interrupt from "./Interrupt.js"
import * as Output from "./output/Output.js"
import * as OutputFile from "./output/OutputFile.js"
import * as OutputLock from "./output/OutputLock.js"
import * as ResultValue from "./output/ResultValue.js"
import type * as Sink from "./output/Sink.js"
import * as Target from "./output/Target.js"
import * as TextOutput from "./output/TextOutput.js"
import type { Plan } from "./Plan.js"
import * as Progress from "./report/Progress.js"
import * as Report from "./report/Report.js"
import * as Summary from "./report/Summary.js"
import * as RunStatistics from "./stats/RunStatistics.js"

export interface Options {
  readonly plan: Plan
  /** The library, over threads or over a cluster. */
  readonly layer: Layer.Layer<FastGet.FastGet, PoolError | CliError.ClusterFailed>
  /** What its options come to. */
  readonly settings: FastGetConfig.Settings
  /** Whether runners of a cluster make the requests: then the settings that are theirs don't hold. */
  readonly isOverCluster: boolean
  /** Beside them, the options of the threads' client. */
  readonly client: NodeFastGet.ClientOptions | undefined
  readonly quiet: boolean
  /** The command that resumes the run, if it ends before its input does. */
  readonly howToResume: string | undefined
}

export type Failure = CliError.InputFailed | CliError.ClusterFailed | PoolError | Sink.Failure

/** Runs it; gives the exit code. */
export const run = (options: Options): Effect.Effect<number, Failure> =>
  Effect.scoped(Effect.gen(function*() {
    const { plan, quiet } = options
    const statistics = RunStatistics.make(options)
    const progress = Progress.make({ quiet, isTerminal: isTerminal(plan) })
    const interrupt = yield* Interrupt.make(() =>
      progress.say("Stopping: what is in flight is finished. Ctrl-C again stops at once.")
    )
    // Before the output is open no request has been made, so a signal ends the run at once.
    const begun = yield* Effect.raceFirst(
      Effect.asSome(begin(plan, statistics, progress)),
      Effect.as(Deferred.await(interrupt.once), Option.none<Output.Output>())
    )
    if (Option.isNone(begun)) return interrupt.exitCode() ?? 130
    const output = begun.value
    const fetching = Effect.scoped(Effect.zipRight(
      progress.show(statistics),
      fetchAll(options, statistics, output, interrupt)
    ))
    const exit = yield* Effect.exit(Effect.raceFirst(fetching, Interrupt.stops(interrupt, output.waitsSince)))
    const finished = yield* Effect.exit(finish(plan, output, interrupt))
    const whole = Exit.zipRight(exit, finished)
    if (isReaderGone(whole)) return 0
    const isUnfinished = interrupt.exitCode() !== undefined || Exit.isFailure(whole)
    yield* tell(options, statistics, interrupt, isUnfinished)
    yield* whole
    const { badRows, failed, succeeded } = statistics.snapshot()
    const kept = output.before.kept()
    return interrupt.exitCode() ??
      ExitCode.ofRun(succeeded + failed + badRows + kept.outcomes, failed + badRows + kept.failures, plan.tolerance)
  }))

/** Locks and opens the output, and counts what is to be done. */
const begin = (plan: Plan, statistics: RunStatistics.RunStatistics, progress: Progress.Progress) =>
  Effect.gen(function*() {
    const { errors, file } = plan.output
    yield* OutputLock.acquire([file.target, errors?.target, plan.summary, plan.report], progress.say)
    const output = yield* Output.open(plan.output, statistics)
    statistics.begun(yield* countAll(plan, output))
    return output
  })

/** How many rows the input has and how many of them are done; a function where that is only known as the run goes. */
const countAll = ({ input, output: { retry } }: Plan, { before, choice }: Output.Output) =>
  Effect.gen(function*() {
    if (before.isEmpty && retry?.only !== true) {
      return { total: yield* Input.count(input, Input.everything), skipped: 0 }
    }
    const toDo = yield* Input.count(input, choice)
    const skipped = before.skipped()
    before.restart()
    if (toDo !== undefined) return { total: skipped + toDo, skipped }
    // What is left out by a retry, and not done, is not part of the total.
    const total = input.range === undefined || retry?.only === true
      ? undefined
      : yield* Input.count(input, Input.everything)
    return { total, skipped: before.skipped }
  })

/** Files are finished in any case. A stream is finished by its reader, which a signal ends the wait for. */
const finish = ({ output: plan }: Plan, output: Output.Output, interrupt: Interrupt.Interrupt) =>
  OutputFile.areFiles(plan) ? output.finish : Effect.raceFirst(output.finish, neverTaken(interrupt))

const neverTaken = (interrupt: Interrupt.Interrupt): Effect.Effect<void> => Interrupt.stops(interrupt, () => 0)

/** Whether stderr is a terminal that is not also filled with the output. */
const isTerminal = ({ output: { errors, file } }: Plan): boolean =>
  process.stderr.isTTY === true && !Target.isTerminal(file.target) &&
  (errors === undefined || !Target.isTerminal(errors.target))

const isReaderGone = (exit: Exit.Exit<void, Failure>): boolean =>
  Exit.isFailure(exit) && Chunk.some(Cause.failures(exit.cause), ({ _tag }) => _tag === "ReaderGone")

/** How often it is asked what the library knows of the origins. */
const lookEvery = "250 millis"

/** Fetches what the input has and the output lacks. */
const fetchAll = (
  { layer, plan }: Options,
  statistics: RunStatistics.RunStatistics,
  output: Output.Output,
  interrupt: Interrupt.Interrupt
): Effect.Effect<void, Failure> => {
  const entries = Input.batches(plan.input, output.choice).pipe(
    Stream.mapEffect(({ badRows, entries }) => Effect.as(output.writeBadRows(badRows), Chunk.unsafeFromArray(entries))),
    Stream.flattenChunks
  )
  // No output has a header of a response.
  const options = { drain: Deferred.await(interrupt.once), withHeaders: false }
  const { needs } = plan.output
  const outcomes: Stream.Stream<Output.Done, Failure, FastGet.FastGet> = needs === "bytes"
    ? FastGet.outcomes(entries, { ...options, as: "bytes" })
    : FastGet.outcomes(entries, { ...options, parse: ResultValue.parser(needs) })
  const look = Effect.map(FastGet.traffic, (origins) => statistics.traffic(origins))
  return Effect.forkScoped(Effect.repeat(look, Schedule.spaced(lookEvery))).pipe(
    Effect.zipRight(Stream.runForEachChunk(outcomes, (batch) => output.write(Chunk.toReadonlyArray(batch)))),
    // Also what came last, however the run ends.
    Effect.ensuring(look),
    Effect.scoped,
    Effect.provide(layer)
  )
}

/** The summary, on stderr and where it is wanted. */
const tell = (
  { howToResume, plan: { report, summary }, quiet }: Options,
  statistics: RunStatistics.RunStatistics,
  interrupt: Interrupt.Interrupt,
  isUnfinished: boolean
): Effect.Effect<void, CliError.OutputFailed> =>
  Effect.gen(function*() {
    const snapshot = statistics.snapshot()
    if (!quiet) {
      yield* Effect.sync(() =>
        process.stderr.write(`${Summary.text(snapshot, isUnfinished ? howToResume : undefined)}\n`)
      )
    }
    const write = writeText(interrupt)
    if (summary !== undefined) yield* write(summary, `${JSON.stringify(Summary.json(snapshot), undefined, 2)}\n`)
    if (report !== undefined) yield* write(report, Report.html(snapshot))
  })

const writeText = (interrupt: Interrupt.Interrupt) => (target: Target.Target, text: string) =>
  target._tag === "PlainFile"
    ? TextOutput.write(target, text)
    : Effect.raceFirst(TextOutput.write(target, text), neverTaken(interrupt))
