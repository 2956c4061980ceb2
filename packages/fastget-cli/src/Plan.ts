/**
 * What the flags come to: an input, an output, and how the run is judged. What
 * does not fit together is bad usage, and said before anything is fetched.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as CliError from "./CliError.js"
import * as CsvRecords from "./CsvRecords.js"
import * as ExitCode from "./ExitCode.js"
import type { ValuesOf } from "./Flag.js"
import type * as Flags from "./Flags.js"
import type { Format } from "./Format.js"
import type * as Input from "./Input.js"
import * as JsonPath from "./JsonPath.js"
import * as NdjsonRecords from "./NdjsonRecords.js"
import * as Reasons from "./Reasons.js"
import type { RecordFormat } from "./RecordFormat.js"
import type { Needs } from "./ResultValue.js"
import * as SafeName from "./SafeName.js"
import * as Source from "./Source.js"
import * as Template from "./Template.js"

/** The command's own flags, parsed. */
export type Given = ValuesOf<typeof Flags.all> & { readonly files: ReadonlyArray<string> }

export interface Output {
  /** Undefined for stdout. */
  readonly file: string | undefined
  readonly errors: string | undefined
  readonly folder: { readonly path: string; readonly extension: string } | undefined
  readonly records: RecordFormat
  readonly needs: Needs
  readonly mode: "new" | "overwrite" | "resume"
  /** With `--retry-failed`: which failures are fetched again, and whether only they are. */
  readonly retry: { readonly wanted: Reasons.Wanted; readonly only: boolean } | undefined
}

export interface Plan {
  readonly input: Input.Options
  readonly output: Output
  readonly tolerance: ExitCode.Tolerance
}

const usage = (message: string) => new CliError.Usage({ message })

export const make = (given: Given): Effect.Effect<Plan, CliError.Usage> =>
  Effect.gen(function*() {
    const input = yield* planInput(given)
    const output = yield* planOutput(given)
    const tolerance = Option.isNone(given.failOver) ? ExitCode.none : ExitCode.parseTolerance(given.failOver.value)
    if (tolerance === undefined) return yield* usage("--fail-over takes a share such as 5% or a whole number")
    return { input, output, tolerance }
  })

const planInput = (given: Given): Effect.Effect<Input.Options, CliError.Usage> =>
  Effect.gen(function*() {
    const template = Option.getOrUndefined(given.template)
    if (template !== undefined && !template.includes("{}")) return yield* usage("--template takes a URL with {} in it")
    if (given.files.filter(Source.isStdin).length > 1) {
      return yield* usage("stdin can be read once only")
    }
    const range = Option.isNone(given.range) ? undefined : Template.parseRange(given.range.value)
    if (Option.isSome(given.range)) {
      if (range === undefined) {
        return yield* usage("--range takes two whole numbers up to 9007199254740991, the lower first: 1..1000")
      }
      if (template === undefined) return yield* usage("--range needs a --template")
      if (given.files.length > 0) return yield* usage("--range stands in place of an input: leave one of them out")
    } else if (given.files.length === 0 && process.stdin.isTTY) {
      return yield* usage("There is no input: name a file, or - for stdin. See fastget --help")
    }
    return {
      files: given.files.length === 0 && range === undefined ? [Source.stdin] : given.files,
      range,
      template,
      // A choice of the same names.
      format: Option.getOrUndefined(given.format) as Format | undefined,
      columns: {
        id: Option.getOrUndefined(given.idColumn),
        url: Option.getOrElse(given.urlColumn, () => "url")
      },
      fields: {
        id: Option.getOrElse(given.idField, () => "id"),
        url: Option.getOrElse(given.urlField, () => "url")
      }
    }
  })

const planOutput = (given: Given): Effect.Effect<Output, CliError.Usage> =>
  Effect.gen(function*() {
    const file = realPath(Option.getOrUndefined(given.output))
    const errors = realPath(Option.getOrUndefined(given.errors))
    const reasons = Option.getOrUndefined(given.retryFailed)
    const retry = reasons === undefined ? null : Reasons.parse(reasons)
    if (retry === undefined) return yield* usage(Reasons.problem(reasons!))
    if (file === undefined && (given.resume || retry !== null || given.overwrite)) {
      return yield* usage("--resume, --retry-failed and --overwrite need an --output")
    }
    if (given.overwrite && (given.resume || retry !== null)) {
      return yield* usage("--overwrite and --resume or --retry-failed exclude each other")
    }
    if (file !== undefined && file === errors) return yield* usage("--errors is the same file as --output")
    const mode = given.overwrite ? "overwrite" : given.resume || retry !== null ? "resume" : "new"
    if (mode === "new") {
      const existing = [file, errors].find(hasContent)
      if (existing !== undefined) {
        return yield* usage(`${existing} is there already: --resume goes on with it, --overwrite replaces it`)
      }
    }
    const body = yield* planBody(given)
    return { file, errors, mode, ...body, retry: retry === null ? undefined : { wanted: retry, only: !given.resume } }
  })

/** What is kept of a body, and how. */
const planBody = (
  given: Given
): Effect.Effect<Pick<Output, "folder" | "records" | "needs">, CliError.Usage> =>
  Effect.gen(function*() {
    const paths = yield* planPaths(given.select)
    const isCsv = Option.getOrElse(given.outputFormat, () => paths.length > 0 ? "csv" : "ndjson") === "csv"
    if (paths.length > 0 && !isCsv) return yield* usage("--select is for CSV: leave --output-format out")
    if (Option.isSome(given.outputDir)) {
      if (paths.length > 0) return yield* usage("--select and --output-dir exclude each other")
      const extension = Option.match(given.extension, { onNone: () => "", onSome: SafeName.parseExtension })
      if (extension === undefined) return yield* usage("--extension takes letters and digits, such as json or tar.gz")
      return {
        folder: { path: given.outputDir.value, extension },
        records: isCsv ? CsvRecords.make("file") : NdjsonRecords.make("file"),
        needs: "bytes"
      }
    }
    if (Option.isSome(given.extension)) return yield* usage("--extension needs an --output-dir")
    if (paths.length === 0) {
      return { folder: undefined, records: isCsv ? CsvRecords.make("json") : NdjsonRecords.make("json"), needs: "line" }
    }
    return { folder: undefined, records: CsvRecords.make(paths), needs: "text" }
  })

/** The columns of `--select`, each of its own name. */
const planPaths = (given: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<JsonPath.Selection>, CliError.Usage> =>
  Effect.gen(function*() {
    const texts = given.flatMap((text) => JsonPath.split(text) ?? [text])
    const paths = yield* Effect.forEach(
      texts,
      (text) =>
        Effect.mapError(
          Effect.fromNullable(JsonPath.parse(text)),
          () => usage(text === "" ? "--select has a path that is empty" : `--select can't read the path ${text}`)
        )
    )
    const names = new Set(CsvRecords.fixedColumns)
    for (const { column, text: path } of paths) {
      if (names.has(column)) {
        return yield* usage(`--select makes a second column ${column}: give it another name, as in other=${path}`)
      }
      names.add(column)
    }
    return paths
  })

/** Where a link leads: a file that is written anew must not take the link's place. */
const realPath = (file: string | undefined): string | undefined => {
  if (file === undefined || file === Source.stdin) return undefined
  // Missing files are new ones.
  try {
    return Fs.realpathSync(file)
  } catch {
    return Path.resolve(file)
  }
}

const hasContent = (file: string | undefined): boolean => {
  const stat = file === undefined ? undefined : Fs.statSync(file, { throwIfNoEntry: false })
  return stat !== undefined && stat.isFile() && stat.size > 0
}
