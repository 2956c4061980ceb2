/**
 * What the flags come to: an input, an output, and how the run is judged. What
 * does not fit together is bad usage, and said before anything is fetched.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CliError from "./CliError.js"
import * as ExitCode from "./ExitCode.js"
import type { ValuesOf } from "./flags/Flag.js"
import type * as Flags from "./flags/Flags.js"
import * as Reasons from "./flags/Reasons.js"
import type { Format } from "./input/Format.js"
import type * as Input from "./input/Input.js"
import * as Source from "./input/Source.js"
import * as Template from "./input/Template.js"
import * as CsvRecords from "./output/CsvRecords.js"
import * as JsonPath from "./output/JsonPath.js"
import * as NdjsonRecords from "./output/NdjsonRecords.js"
import type * as Output from "./output/Output.js"
import * as OutputFile from "./output/OutputFile.js"
import * as OutputName from "./output/OutputName.js"
import type { RecordFormat } from "./output/RecordFormat.js"
import type { Needs } from "./output/ResultValue.js"
import * as RunFiles from "./output/RunFiles.js"
import * as SafeName from "./output/SafeName.js"
import * as Target from "./output/Target.js"
import * as TsvRecords from "./output/TsvRecords.js"

/** The command's own flags, parsed. */
export type Given = ValuesOf<typeof Flags.all> & { readonly files: ReadonlyArray<string> }

export interface Plan {
  readonly input: Input.Options
  readonly output: Output.Options
  readonly summary: Target.Target | undefined
  readonly report: Target.Target | undefined
  readonly tolerance: ExitCode.Tolerance
}

const usage = (message: string) => new CliError.Usage({ message })

export const make = (given: Given): Effect.Effect<Plan, CliError.Usage> =>
  Effect.gen(function*() {
    const from = yield* input(given)
    const named = filesOf(given, from)
    const output = yield* planOutput(given, named)
    const tolerance = Option.isNone(given.failOver) ? ExitCode.none : ExitCode.parseTolerance(given.failOver.value)
    if (tolerance === undefined) return yield* usage("--fail-over takes a share such as 5% or a whole number")
    yield* RunFiles.check(named)
    const existing = OutputFile.existing(output)
    if (existing !== undefined) return yield* usage(existing)
    return { input: from, output, summary: named.summary, report: named.report, tolerance }
  })

const target = (name: Option.Option<string>) => Option.getOrUndefined(Option.map(name, Target.of))

const filesOf = (given: Given, input: Input.Options): RunFiles.Named => ({
  inputs: input.files,
  headerFiles: given.headerFile,
  limits: Option.getOrUndefined(given.limits),
  output: target(given.output) ?? Target.stdout,
  errors: target(given.errors),
  summary: target(given.summary),
  report: target(given.report),
  folder: Option.getOrUndefined(given.outputDir)
})

/** What is given of an input. */
type GivenInput = Pick<Given, keyof typeof Flags.groups.Input | "files">

/** The input alone. */
export const input = (given: GivenInput): Effect.Effect<Input.Options, CliError.Usage> =>
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

const planOutput = (given: Given, named: RunFiles.Named): Effect.Effect<Output.Options, CliError.Usage> =>
  Effect.gen(function*() {
    const reasons = Option.getOrUndefined(given.retryFailed)
    const retry = reasons === undefined ? null : Reasons.parse(reasons)
    if (retry === undefined) return yield* usage(Reasons.problem(reasons!))
    const mode = given.overwrite ? "overwrite" : given.resume || retry !== null ? "resume" : "new"
    if (mode === "resume" && Option.isNone(given.output)) {
      return yield* usage("--resume and --retry-failed need an --output")
    }
    if (given.overwrite && Option.isNone(given.output) && Option.isNone(given.outputDir)) {
      return yield* usage("--overwrite needs an --output or an --output-dir")
    }
    if (given.overwrite && (given.resume || retry !== null)) {
      return yield* usage("--overwrite and --resume or --retry-failed exclude each other")
    }
    const body = yield* planBody(given)
    const { errors, file } = yield* planFiles(given, named, body)
    const problem = mode === "resume" ? OutputFile.problemOfResuming({ file, errors }) : undefined
    if (problem !== undefined) return yield* usage(problem)
    const folder = named.folder === undefined
      ? undefined
      : { path: named.folder, extension: body.extension, mode, others: RunFiles.names(named) } as const
    const wanted = retry === null ? undefined : { wanted: retry, only: !given.resume }
    return { file, errors, folder, needs: body.needs, mode, retry: wanted }
  })

/** The format is the flag's, else that of the name; failures are written as the output is, unless they have a name. */
const planFiles = (given: Given, { errors, output }: RunFiles.Named, { records, selects }: Body) => {
  // A choice of the same names.
  const flag = Option.getOrUndefined(given.outputFormat) as OutputName.Kind | undefined
  const kindOf = ({ name }: Target.Target) => flag ?? OutputName.read(name).kind
  const kind = kindOf(output) ?? (selects ? "csv" : "ndjson")
  if (selects && kind === "ndjson") {
    return usage(
      flag === undefined
        ? `--select is for CSV and TSV, and ${output.name} says NDJSON: name it .csv, or add --output-format csv`
        : "--select is for CSV and TSV: leave --output-format out"
    )
  }
  return Effect.succeed({
    file: OutputFile.make(output, kind, records),
    errors: errors === undefined || isOne(output, errors)
      ? undefined
      : OutputFile.make(errors, kindOf(errors) ?? kind, records)
  })
}

/** Whether two outputs are the same descriptor. */
const isOne = (first: Target.Target, second: Target.Target): boolean =>
  first._tag === "Stream" && second._tag === "Stream" && first.descriptor !== undefined &&
  first.descriptor === second.descriptor

interface Body {
  /** Of the names in a folder. */
  readonly extension: string
  readonly records: (kind: OutputName.Kind) => RecordFormat
  readonly needs: Needs
  readonly selects: boolean
}

/** What is kept of a body, and how. */
const planBody = (given: Given): Effect.Effect<Body, CliError.Usage> =>
  Effect.gen(function*() {
    const paths = yield* planPaths(given.select)
    if (Option.isSome(given.outputDir)) {
      if (paths.length > 0) return yield* usage("--select and --output-dir exclude each other")
      const extension = Option.match(given.extension, { onNone: () => "", onSome: SafeName.parseExtension })
      if (extension === undefined) return yield* usage("--extension takes letters and digits, such as json or tar.gz")
      return { extension, records: recordsOf("file"), needs: "bytes", selects: false }
    }
    if (Option.isSome(given.extension)) return yield* usage("--extension needs an --output-dir")
    return paths.length === 0
      ? { extension: "", records: recordsOf("json"), needs: "line", selects: false }
      : { extension: "", records: recordsOf(paths), needs: "text", selects: true }
  })

const recordsOf = (values: CsvRecords.Values) => (kind: OutputName.Kind): RecordFormat => {
  if (kind === "csv") return CsvRecords.make(values)
  if (kind === "tsv") return TsvRecords.make(values)
  // Failures beside a table have no values.
  return NdjsonRecords.make(values === "file" ? "file" : "json")
}

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
