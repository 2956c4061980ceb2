/** Durable jobs, for the command. Loaded by `fastget job` only. */
import type { SqlClient } from "@effect/sql/SqlClient"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as ClusterConfig from "fastget-cluster/ClusterConfig"
import { isClusterError } from "fastget-cluster/ClusterError"
import * as FetchJob from "fastget-cluster/FetchJob"
import type { JobError } from "fastget-cluster/JobError"
import { isJobError } from "fastget-cluster/JobError"
import * as PostgresCluster from "fastget-cluster/PostgresCluster"
import type * as NodeFastGet from "fastget-node/NodeFastGet"
import type { Entry } from "fastget/Entry"
import type { InvalidOption } from "fastget/FastGetConfig"
import * as CliError from "../CliError.js"
import * as ExitCode from "../ExitCode.js"
import * as ClusterUrl from "../flags/ClusterUrl.js"
import type { Action } from "../flags/JobFlags.js"
import * as EntryId from "../input/EntryId.js"
import * as Input from "../input/Input.js"
import * as Sink from "../output/Sink.js"
import * as Target from "../output/Target.js"

type Failure = CliError.Usage | CliError.ClusterFailed | CliError.OutputFailed

/** Stores an input as a job, and prints how far it is. */
export const start = (
  database: ClusterUrl.ClusterUrl,
  job: string,
  input: Input.Options,
  library: NodeFastGet.LayerOptions,
  own: FetchJob.JobOptions
): Effect.Effect<number, Failure | CliError.InputFailed> =>
  over(
    database,
    Effect.map(Effect.tap(FetchJob.start(job, entriesOf(input), { ...ofRequests(library), ...own }), print), () => 0)
  ).pipe(
    // Options that only the library looks at.
    Effect.catchSomeDefect((defect) =>
      isInvalidOption(defect) ? Option.some(new CliError.Usage({ message: defect.message })) : Option.none()
    )
  )

/** What else there is to do with jobs. */
export const look = (
  database: ClusterUrl.ClusterUrl,
  action: Exclude<Action, "start">,
  job: string
): Effect.Effect<number, Failure> => over(database, actions[action](job))

type Does = (job: string) => Effect.Effect<number, JobError | CliError.OutputFailed, SqlClient>

const actions: Readonly<Record<Exclude<Action, "start">, Does>> = {
  status: (job) => Effect.as(Effect.flatMap(FetchJob.status(job), print), 0),
  list: () => Effect.as(Effect.flatMap(FetchJob.list, Effect.forEach(print)), 0),
  cancel: (job) => Effect.as(Effect.flatMap(FetchJob.cancel(job), print), 0),
  remove: (job) => Effect.as(FetchJob.remove(job), 0),
  wait: (job) =>
    Effect.raceFirst(FetchJob.wait(job), tellProblems(job)).pipe(
      Effect.tap(print),
      Effect.map(({ failed, state, succeeded }) =>
        state === "done" ? ExitCode.ofRun(succeeded + failed, failed, ExitCode.none) : 1
      )
    ),
  results: (job) =>
    Effect.scoped(Effect.gen(function*() {
      const sink = yield* Sink.stream(Target.stdout)
      yield* Stream.runForEachChunk(FetchJob.results(job), (some) =>
        sink.write(Buffer.from([...some].map(FetchJob.toNdjson).join(""))))
      return 0
    })).pipe(Effect.catchTag("ReaderGone", () =>
      Effect.succeed(0)))
}

/** Of the library's options those of requests. Others that were given have been refused. */
const ofRequests = (library: NodeFastGet.LayerOptions): FetchJob.JobOptions =>
  Object.fromEntries(Object.entries(library).filter(([option]) => ClusterConfig.isOfClients(option)))

/** The entries of an input. A bad row is one, too: it fails with what is wrong with it, and is not left out. */
const entriesOf = (input: Input.Options): Stream.Stream<Entry<string | number | null>, CliError.InputFailed> =>
  Stream.mapConcat(Input.batches(input, Input.everything), ({ badRows, entries }) => [
    ...entries.map(([id, url]) => [EntryId.idOf(id), url] as const),
    ...badRows.map(({ line, problem }) => [null, `line ${line}: ${problem}`] as const)
  ])

const print = ({ createdAt, endedAt, problem, ...status }: FetchJob.Status): Effect.Effect<void> =>
  Console.log(JSON.stringify({ ...status, problem, createdAt, endedAt }))

/** Says on stderr what keeps a job from going on, whenever that changes. */
const tellProblems = (job: string): Effect.Effect<never, JobError, SqlClient> => {
  let told: string | undefined
  return FetchJob.status(job).pipe(
    Effect.flatMap(({ problem }) => {
      if (problem === told) return Effect.void
      told = problem
      return problem === undefined ? Effect.void : Console.error(`fastget: job ${job}: ${problem}`)
    }),
    Effect.repeat(Schedule.spaced("2 seconds")),
    Effect.zipRight(Effect.never)
  )
}

const over = <A, E extends { readonly message: string }>(
  database: ClusterUrl.ClusterUrl,
  effect: Effect.Effect<A, E, SqlClient>
): Effect.Effect<A, Exclude<E, JobError> | CliError.ClusterFailed | CliError.Usage> =>
  effect.pipe(
    Effect.provide(PostgresCluster.layerClient({ url: database.url })),
    Effect.mapError((error) => {
      const message = ClusterUrl.hide(database, error.message)
      if (isJobError(error)) {
        return usageReasons.has(error.reason._tag)
          ? new CliError.Usage({ message })
          : new CliError.ClusterFailed({ message })
      }
      return isClusterError(error) ? new CliError.ClusterFailed({ message }) : error as Exclude<E, JobError>
    })
  )

/** What the user has to say in another way. */
const usageReasons = new Set<JobError["reason"]["_tag"]>(["Unknown", "Different", "Name", "Secret", "Results"])

const isInvalidOption = (defect: unknown): defect is InvalidOption =>
  defect instanceof Error && "_tag" in defect && defect._tag === "InvalidOption"
