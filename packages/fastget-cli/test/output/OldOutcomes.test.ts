/**
 * Which entries have an outcome already, over random lists that were fetched in
 * part, in any order, and then changed. The seed is fixed.
 */
import { describe, expect, it } from "@effect/vitest"
import type { EntryId } from "../../src/input/EntryId.js"
import { idOf, lineOf, Repeated } from "../../src/input/EntryId.js"
import { OldOutcomes } from "../../src/output/OldOutcomes.js"
import type { Entry } from "../../src/output/OutcomeGroup.js"
import type { Found } from "../../src/output/RecordFormat.js"

type Row = readonly [id: number | string | undefined, url: string]

interface Written {
  readonly id: EntryId
  readonly url: string
  readonly ok: boolean
}

const makeRandom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0
    return (Math.imul(state ^ state >>> 12, 0x297a2d39) >>> 0) % below
  }
}

const idText = (id: number | string): string => typeof id === "number" ? String(id) : JSON.stringify(id)

/** The entries of a list as the input makes them: a row without an id has its line, an id that was there has it beside. */
const entriesOf = (rows: ReadonlyArray<Row>) => {
  const seen = new Set<string>()
  return rows.map(([given, url], index): Entry => {
    const line = index + 1
    const bare = given ?? line
    const isRepeated = seen.has(String(bare))
    seen.add(String(bare))
    const id = isRepeated ? new Repeated(bare, line) : bare
    return { id, idText: idText(bare), url, line, isNumbered: given === undefined && !isRepeated }
  })
}

const found = ({ id, ok, url }: Written): Found => ({
  idText: idText(idOf(id)),
  line: lineOf(id),
  url,
  ok,
  reason: ok ? undefined : "Timeout",
  status: undefined,
  problem: undefined
})

/** An outcome by its id, its line and its URL. */
const labelOf = ({ id, url }: { readonly id: EntryId; readonly url: string }): string =>
  `${idText(idOf(id))} ${lineOf(id) ?? ""} ${url}`

/** Runs a list over what is written: the outcomes that are fetched, those that take the places of old ones among them. */
const resume = (rows: ReadonlyArray<Row>, written: ReadonlyArray<Written>, again: boolean) => {
  const old = new OldOutcomes()
  for (const one of written) old.add(found(one), again && !one.ok)
  const fresh: Array<Written> = []
  const replaced: Array<Written> = []
  for (const entry of entriesOf(rows)) {
    const verdict = old.take(entry)
    if (verdict._tag === "New") fresh.push({ id: verdict.id, url: entry.url, ok: true })
    if (verdict._tag === "Again") replaced.push({ id: verdict.id, url: entry.url, ok: true })
  }
  return { fresh, replaced }
}

/** What has to be the same for an entry and an outcome to belong together. */
type PairOf = (id: number | string, url: string) => string

const countBy = (keys: ReadonlyArray<string>): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

const urls = ["/a", "/b", "/c", "/d"]

const kinds: ReadonlyArray<
  { readonly name: string; readonly pairOf: PairOf; readonly makeId: (random: (below: number) => number) => Row[0] }
> = [
  { name: "without ids", pairOf: (_, url) => url, makeId: () => undefined },
  {
    name: "with ids of their own that are text",
    pairOf: (id, url) => `${id} ${url}`,
    makeId: (random) => `id-${random(4)}`
  },
  { name: "with ids of their own that are numbers", pairOf: (id, url) => `${id} ${url}`, makeId: (random) => random(6) }
]

const shuffle = <A>(all: ReadonlyArray<A>, random: (below: number) => number): ReadonlyArray<A> => {
  const left = [...all]
  return all.map(() => left.splice(random(left.length), 1)[0]!)
}

/** Rows are put in, taken out, doubled, edited and moved. */
const change = (rows: ReadonlyArray<Row>, makeRow: () => Row, random: (below: number) => number) => {
  const changed = [...rows]
  for (let times = 1 + random(3); times > 0; times--) {
    const at = random(changed.length + 1)
    const kind = random(6)
    if (kind === 0) changed.splice(at, 0, makeRow())
    if (kind === 1) changed.splice(at, 1 + random(2))
    if (kind === 2 && at < changed.length) changed.push(changed[at]!)
    if (kind === 3 && at < changed.length) changed[at] = [changed[at]![0], urls[random(urls.length)]!]
    if (kind === 4) changed.reverse()
    if (kind === 5) return shuffle(changed, random)
  }
  return changed
}

describe.each(kinds)("of lists $name", ({ makeId, pairOf }) => {
  const random = makeRandom(20_261_126)
  const makeRow = (): Row => [makeId(random), urls[random(urls.length)]!]
  const cases = Array.from({ length: 4000 }, () => {
    const rows = Array.from({ length: 1 + random(9) }, makeRow)
    const all = entriesOf(rows).map(({ id, url }): Written => ({ id, url, ok: random(3) > 0 }))
    return { rows, written: shuffle(all, random).slice(0, random(rows.length + 1)) }
  })

  it("an unchanged list, however much of it is done, has each entry once, by its own id and line", () => {
    for (const { rows, written } of cases) {
      const { fresh } = resume(rows, written, false)
      expect([...written, ...fresh].map(labelOf).sort()).toEqual(entriesOf(rows).map(labelOf).sort())
    }
  })

  it("a changed list fetches exactly the entries that have no outcome, each outcome being that of one entry", () => {
    for (const { rows, written } of cases) {
      const changed = change(rows, makeRow, random)
      const wanted = countBy(entriesOf(changed).map(({ id, url }) => pairOf(idOf(id), url)))
      const there = countBy(written.map(({ id, url }) => pairOf(idOf(id), url)))
      const fetched = countBy(resume(changed, written, false).fresh.map(({ id, url }) => pairOf(idOf(id), url)))
      for (const [pair, count] of wanted) {
        expect([pair, fetched.get(pair) ?? 0]).toEqual([pair, Math.max(0, count - (there.get(pair) ?? 0))])
      }
    }
  })

  it("a failure is fetched again under the id and the line that it has in the output, and no success is", () => {
    for (const { rows, written } of cases) {
      const changed = change(rows, makeRow, random)
      const { replaced } = resume(changed, written, true)
      const failures = written.filter(({ ok }) => !ok).map(labelOf)
      expect(new Set(replaced.map(labelOf)).size).toBe(replaced.length)
      expect(replaced.map(labelOf).filter((label) => !failures.includes(label))).toEqual([])
      // Of an unchanged list all of them.
      expect(resume(rows, written, true).replaced.map(labelOf).sort()).toEqual(failures.sort())
    }
  })

  it("outcomes that are given back are those there were", () => {
    for (const { rows, written } of cases.slice(0, 500)) {
      const old = new OldOutcomes()
      for (const one of written) old.add(found(one), !one.ok)
      const through = () => entriesOf(change(rows, makeRow, makeRandom(7))).map((entry) => old.take(entry))
      const first = through()
      const takenAgain = old.takenAgain()
      old.restart()
      expect(through()).toEqual(first)
      expect(old.takenAgain()).toBe(takenAgain)
    }
  })
})

it("a bad row is known again by its line and what is said of it", () => {
  const old = new OldOutcomes()
  const nothing = { idText: "", url: undefined, ok: false, reason: "BadRow", status: undefined }
  old.add({ ...nothing, line: 3, problem: "no object" }, false)
  expect(old.hasBadRow(3, "no object")).toBe(true)
  expect(old.hasBadRow(3, "not valid UTF-8")).toBe(false)
  expect(old.hasBadRow(4, "no object")).toBe(false)
})

it("what parts an id from a URL, or makes a line, is nothing that an id or a URL can fake", () => {
  const texts = ["", ":", "1", "1:", "\0", "a", "a:b", "1:a", "u", "p", "b1:a", "\ud800"]
  const entries = texts.flatMap((id) => texts.map((url): Written => ({ id, url, ok: true })))
  for (const one of entries) {
    const old = new OldOutcomes()
    old.add(found(one), false)
    for (const { id, url } of entries) {
      const verdict = old.take({ id, idText: idText(idOf(id)), url, line: 1, isNumbered: false })
      expect(verdict._tag === "Done", `${JSON.stringify([one.id, one.url])} ${JSON.stringify([id, url])}`)
        .toBe(id === one.id && url === one.url)
      old.restart()
    }
  }
})

it("many lines of one URL, or of different ones, are gone through in steady steps", () => {
  const count = 300_000
  for (const urlOf of [() => "/same", (n: number) => `/${n}`]) {
    const old = new OldOutcomes()
    for (let n = 1; n <= count; n++) old.add(found({ id: n, url: urlOf(n), ok: true }), false)
    expect(old.size()).toBe(count)
    // The first line was taken out.
    let done = 0
    for (let n = 2; n <= count; n++) {
      const entry = { id: n - 1, idText: String(n - 1), url: urlOf(n), line: n - 1, isNumbered: true }
      if (old.take(entry)._tag === "Done") done++
    }
    expect(done).toBe(count - 1)
  }
})
