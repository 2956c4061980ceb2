/**
 * Entries, failures and time by host, for the hosts that matter: at most 1,024
 * are kept. When there are more, the half with fewer failures (then, entries)
 * is forgotten. A host that comes back then counts from nothing, so the count of
 * failures may be too low by up to `uncertainty`.
 */

export interface HostCount {
  readonly host: string
  readonly entries: number
  readonly failed: number
}

export interface TopHosts {
  readonly record: (url: string, isSuccess: boolean) => void
  /** The hosts with the most failures, then entries; at most `most` of them. */
  readonly top: (most: number) => ReadonlyArray<HostCount>
  /** How many hosts are known of; there may be more where some were forgotten. */
  readonly size: () => number
  /** The most failures that may be missing in a count. */
  readonly uncertainty: () => number
}

const most = 1024

interface Counter {
  entries: number
  failed: number
}

export const make = (): TopHosts => {
  let counters = new Map<string, Counter>()
  let uncertainty = 0
  // Neighbours in a list are often of one host, which is found without cutting the URL then.
  let lastPrefix: string | undefined
  let last: Counter = { entries: 0, failed: 0 }

  const counterOf = (url: string): Counter => {
    const { end, host } = hostOf(url)
    let counter = counters.get(host)
    if (counter === undefined) {
      counter = { entries: 0, failed: 0 }
      // A copy where the URL is long, because a slice keeps the whole text in memory.
      counters.set(url.length > longestHost ? Buffer.from(host).toString() : host, counter)
    }
    lastPrefix = end < url.length ? url.slice(0, end + 1) : undefined
    return counter
  }

  const forgetHalf = () => {
    const ranked = [...counters].sort(byFailures)
    const forgotten = ranked[most / 2]
    if (forgotten !== undefined) uncertainty += forgotten[1].failed
    counters = new Map(ranked.slice(0, most / 2))
    lastPrefix = undefined
  }

  return {
    record: (url, isSuccess) => {
      if (lastPrefix === undefined || !url.startsWith(lastPrefix)) last = counterOf(url)
      last.entries++
      if (!isSuccess) last.failed++
      if (counters.size > most) forgetHalf()
    },
    top: (most) =>
      [...counters].sort(byFailures).slice(0, most).map(([host, { entries, failed }]) => ({ host, entries, failed })),
    size: () => counters.size,
    uncertainty: () => uncertainty
  }
}

const byFailures = ([, a]: readonly [string, Counter], [, b]: readonly [string, Counter]): number =>
  b.failed - a.failed || b.entries - a.entries

const longestHost = 255

/** The host with its port, as it stands in the text, and where it ends there. A whole URL parser is ten times slower. */
const hostOf = (url: string): { readonly host: string; readonly end: number } => {
  const scheme = url.indexOf("://")
  if (scheme < 0) return { host: "(no host)", end: url.length }
  const start = scheme + 3
  let end = start
  while (end < url.length && !isEnd(url.charCodeAt(end))) end++
  const at = url.lastIndexOf("@", end - 1)
  return { host: url.slice(at >= start ? at + 1 : start, end).slice(0, longestHost).toLowerCase(), end }
}

/** One of `/`, `?`, `#` and `\`. */
const isEnd = (code: number): boolean => code === 47 || code === 63 || code === 35 || code === 92
