/**
 * The entries of a run: files one after another, stdin, or a range of numbers
 * come in; batches of entries and of bad rows go out, each made when it is
 * asked for. Lines are counted through all files, as `cat` would join them.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as CliError from "../CliError.js"
import * as CsvRows from "./CsvRows.js"
import type { EntryId } from "./EntryId.js"
import { Repeated } from "./EntryId.js"
import * as Format from "./Format.js"
import * as IdSet from "./IdSet.js"
import * as LineRows from "./LineRows.js"
import type { Splitter } from "./LineSplitter.js"
import type * as Row from "./Row.js"
import * as Source from "./Source.js"
import * as Template from "./Template.js"
import * as TextSource from "./TextSource.js"

export interface Options {
  readonly files: ReadonlyArray<string>
  readonly range: Template.Range | undefined
  readonly template: string | undefined
  readonly format: Format.Format | undefined
  readonly columns: { readonly id: string | undefined; readonly url: string }
  readonly fields: LineRows.Fields
}

export interface BadRow {
  readonly line: number
  readonly problem: string
}

export interface Batch {
  readonly entries: ReadonlyArray<readonly [id: EntryId, url: string]>
  readonly badRows: ReadonlyArray<BadRow>
}

/** Which rows a run is about. */
export interface Choice {
  /** The id under which an entry is fetched; undefined where it is not. `isNumbered`: its id is only its line. */
  readonly entry: (id: EntryId, url: string, line: number, isNumbered: boolean) => EntryId | undefined
  readonly badRow: (line: number, problem: string) => boolean
  /** Whether ids that are there more than once are to be told apart. It takes up to 32 bytes for each id that is no number. */
  readonly distinguishes: boolean
}

export const everything: Choice = { entry: (id) => id, badRow: () => true, distinguishes: false }

/** The most rows in a batch: what the library has taken from the input beyond its own bound. */
const largestBatch = 1000

export const batches = (options: Options, choice: Choice): Stream.Stream<Batch, CliError.InputFailed> =>
  options.range === undefined
    ? fileBatches(options, choice, TextSource.open)
    : rangeBatches(options.range, Template.urlOf(options.template ?? "{}"), choice)

const rangeBatches = ({ from, to }: Template.Range, urlOf: (id: number) => string, choice: Choice) =>
  Stream.unfold(from, (first) => {
    if (first > to) return Option.none()
    const end = Math.min(to + 1, first + largestBatch)
    const entries: Array<readonly [EntryId, string]> = []
    for (let number = first; number < end; number++) {
      const url = urlOf(number)
      const id = choice.entry(number, url, 0, false)
      if (id !== undefined) entries.push([id, url])
    }
    return Option.some([{ entries, badRows: [] } satisfies Batch, end])
  })

const fileBatches = (
  options: Options,
  choice: Choice,
  open: typeof TextSource.open
): Stream.Stream<Batch, CliError.InputFailed> =>
  Stream.suspend(() => {
    const rows = collect(choice)
    let lines = 0
    return Stream.flatMap(Stream.fromIterable(options.files), (file) =>
      Stream.unwrapScoped(Effect.gen(function*() {
        const source = yield* open(file)
        const parser = makeParser(options, source.name, source.start, rows, lines)
        let ended = false
        return Stream.repeatEffectOption(Effect.gen(function*() {
          // All rows that are there are given before more is read: the program that writes them may wait for their outcomes.
          while (!rows.some()) {
            if (ended) return yield* Effect.fail(Option.none())
            const next = yield* Effect.mapError(source.read, Option.some)
            yield* parsing(() => next === undefined ? parser.end() : parser.push(next))
            if (next === undefined) {
              ended = true
              lines = parser.lines()
            }
          }
          return rows.take()
        }))
      })))
  })

/** Parsers call back; what they throw is their file's failure. */
const parsing = (parse: () => void): Effect.Effect<void, Option.Option<CliError.InputFailed>> =>
  Effect.suspend(() => {
    try {
      parse()
      return Effect.void
    } catch (error) {
      return error instanceof CliError.InputFailed ? Effect.fail(Option.some(error)) : Effect.die(error)
    }
  })

const makeParser = (
  { columns, fields, format, template }: Options,
  name: string,
  start: Buffer,
  { own, sink }: { readonly sink: Row.Sink; readonly own: Row.Sink },
  linesBefore: number
): Splitter => {
  const urlOf = template === undefined ? undefined : Template.urlOf(template)
  const known = format ?? Format.detect(name, start, columns)
  switch (known) {
    case "lines":
      return LineRows.lines(sink, urlOf, linesBefore)
    case "ndjson":
      return LineRows.ndjson(fields.id === LineRows.lineNumber ? sink : own, fields, urlOf, linesBefore)
    default:
      return CsvRows.make(sink, { ...columns, delimiter: known === "csv" ? "," : "\t" }, urlOf, linesBefore, name)
  }
}

/** Takes rows from a parser, those of the choice, and gives them in batches. */
const collect = (choice: Choice) => {
  let entries: Array<readonly [EntryId, string]> = []
  let badRows: Array<BadRow> = []
  let taken = 0
  const seen = choice.distinguishes ? IdSet.make() : undefined
  const makeSink = (isOwn: (id: Row.Id) => boolean): Row.Sink => ({
    entry: (id, url, line) => {
      // 7 and "7" count as equal, since files of bodies would have the same name for both.
      const isRepeated = seen !== undefined && !seen.add(id)
      const chosen = choice.entry(isRepeated ? new Repeated(id, line) : id, url, line, !isRepeated && !isOwn(id))
      if (chosen !== undefined) entries.push([chosen, url])
    },
    bad: (line, problem) => {
      if (choice.badRow(line, problem)) badRows.push({ line, problem })
    }
  })
  return {
    /** For formats whose ids are text, as lines and CSV: an id that is a number was made of the line. */
    sink: makeSink((id) => typeof id === "string"),
    /** For formats that have ids of their own, numbers too. */
    own: makeSink(() => true),
    some: () => taken < entries.length || badRows.length > 0,
    take: (): Batch => {
      const batch = { entries: entries.slice(taken, taken + largestBatch), badRows }
      taken += batch.entries.length
      badRows = []
      if (taken === entries.length) {
        entries = []
        taken = 0
      }
      return batch
    }
  }
}

/** The most bytes that are read before a run to know how many entries there are, as they are in the files and unpacked. */
const countedBytes = 256 * 1024 * 1024

/** The most numbers of a range that are gone through to count them. */
const countedNumbers = 5_000_000

/** How many rows of a choice there are; undefined where it would take long to find out. */
export const count = (
  options: Options,
  choice: Choice
): Effect.Effect<number | undefined, CliError.InputFailed> => {
  if (options.range === undefined) return countFiles(options, choice)
  const size = options.range.to - options.range.from + 1
  return choice === everything
    ? Effect.succeed(size)
    : size > countedNumbers
    ? Effect.succeed(undefined)
    : countRows(options, choice)
}

const countFiles = (
  options: Options,
  choice: Choice
): Effect.Effect<number | undefined, CliError.InputFailed> =>
  Effect.gen(function*() {
    const sizes = yield* Effect.forEach(options.files, Source.size)
    if (
      sizes.some((size) => size === undefined) || sizes.reduce<number>((sum, size) => sum + size!, 0) > countedBytes
    ) {
      return undefined
    }
    return yield* countRows(options, choice)
  })

const countRows = (options: Options, choice: Choice): Effect.Effect<number | undefined, CliError.InputFailed> =>
  Effect.gen(function*() {
    let count = 0
    const counting: Choice = {
      entry: (...row) => {
        if (choice.entry(...row) !== undefined) count++
        return undefined
      },
      badRow: (...row) => {
        if (choice.badRow(...row)) count++
        return false
      },
      distinguishes: choice.distinguishes
    }
    const tooMuch = yield* Deferred.make<undefined>()
    const all = options.range === undefined
      ? fileBatches(options, counting, openUpTo(countedBytes, tooMuch))
      : batches(options, counting)
    return yield* Effect.raceFirst(Effect.map(Stream.runDrain(all), () => count), Deferred.await(tooMuch))
  })

/** Opens files as `TextSource.open` does. When all of them together have given more than `most` bytes, `tooMuch` is done and no read ends. */
const openUpTo = (most: number, tooMuch: Deferred.Deferred<undefined>): typeof TextSource.open => {
  let left = most
  return (file) =>
    Effect.map(TextSource.open(file), (source) => ({
      ...source,
      read: Effect.flatMap(source.read, (bytes) => {
        left -= bytes?.length ?? 0
        return left >= 0 ? Effect.succeed(bytes) : Effect.zipRight(Deferred.succeed(tooMuch, undefined), Effect.never)
      })
    }))
}
