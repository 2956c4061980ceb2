/** Rows at a limit that is another in mid-run, and with a rate that was set. */
import type { Row } from "./Row.js"
import { common, most } from "./Row.js"
import type { Counted } from "./Task.js"

const changeAt = 10

/** How long a part of a run is by which it is told whether it is at the limit, in tenths of a second. */
const part = 20

/**
 * The seconds from the change until a run admits 0.9 × the limit and asks for
 * 1.15 × of it at most, over two seconds. Infinite where it never did.
 */
const secondsUntilAt = (perSecond: number, { timeline }: Counted): number => {
  const begin = changeAt * 10
  for (let at = begin; at + part <= timeline.length; at++) {
    let requests = 0
    let admitted = 0
    for (const [all, good] of timeline.slice(at, at + part)) {
      requests += all
      admitted += good
    }
    const bearable = perSecond * part / 10
    if (admitted >= 0.9 * bearable && requests <= 1.15 * bearable) return (at - begin) / 10
  }
  return Infinity
}

const changed = (name: string, from: number, to: number, entries: number): Row => {
  const before = from * changeAt + from
  return {
    name,
    title: `${from}/s, and ${to}/s after ${changeAt} s, Retry-After: 1`,
    rivals: false,
    full: false,
    runs: [{
      name: "",
      models: [{
        kind: "limit",
        counts: "bucket",
        perSecond: from,
        tells: "seconds",
        change: { after: changeAt * 1000, perSecond: to }
      }],
      task: ([url]) => ({ streams: [{ origins: [url!], count: entries }] })
    }],
    figures: (done) => [
      ...common(done(""), entries, changeAt + (entries - before) / to, { waste: 1.2 }),
      most("seconds until at the new limit", secondsUntilAt(to, done("").servers[0]!), 10)
    ]
  }
}

const rate: Row = {
  name: "rate",
  title: "`rate: 200/s` at a server that allows 200 in any second",
  rivals: "told",
  full: false,
  runs: [{
    name: "",
    models: [{ kind: "limit", counts: "sliding", perSecond: 200, tells: "none" }],
    task: ([url]) => ({
      streams: [{ origins: [url!], count: 2000 }],
      perSecond: 200,
      options: { rate: "200/s" }
    })
  }],
  figures: (done) => {
    const { admitted, requests } = done("").servers[0]!
    return [
      ...common(done(""), 2000, 10, { wall: 1.05 }),
      most("refused", requests - admitted, 0)
    ]
  }
}

export const rows: ReadonlyArray<Row> = [
  rate,
  changed("halved", 100, 50, 2000),
  changed("doubled", 100, 200, 4000)
]
