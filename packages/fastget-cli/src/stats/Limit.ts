/**
 * What limited a run: which of the things that can hold it back did so, on what
 * evidence, and what would help. It claims nothing that was not measured: where
 * nothing stands out, it is unknown.
 *
 * The reasons are looked for in an order, since the later ones also show where
 * an earlier one is the cause: entries take long, for instance, where the CPU
 * has no time for them.
 */
import * as Quantity from "./Quantity.js"
import type { Snapshot } from "./Snapshot.js"

export type Limiter =
  | "consumer"
  | "cpu"
  | "server limit"
  | "rate"
  | "server errors"
  | "dns"
  | "latency"
  | "unknown"

export interface Limit {
  readonly limiter: Limiter
  /** A sentence. */
  readonly verdict: string
  /** What was measured: for the verdict, and against the others. */
  readonly evidence: ReadonlyArray<string>
  /** What to do; undefined where nothing follows. */
  readonly advice: string | undefined
}

/** In seconds: what is shorter is mostly the start. */
const shortest = 1
/** On average, how many entries have their request under way, by Little's law: rate × time. */
const atOnce = ({ entryTime, seconds }: Snapshot): number => seconds > 0 ? entryTime.all / 1000 / seconds : 0

type Verdict = Omit<Limit, "evidence">

export const of = (given: Snapshot): Limit => {
  // The limits of a cluster are those of its runners, and not known here.
  const snapshot = given.isOverCluster ? { ...given, settings: undefined } : given
  const verdict = snapshot.seconds < shortest
    ? { limiter: "unknown" as const, verdict: "Too short a run to tell what limited it.", advice: undefined }
    : fromConsumer(snapshot) ?? fromServerLimit(snapshot) ?? fromRate(snapshot) ?? fromCpu(snapshot) ??
      fromServerErrors(snapshot) ?? fromDns(snapshot) ?? fromLatency(snapshot) ?? unknown(snapshot)
  return { ...verdict, evidence: evidence(snapshot) }
}

const fromConsumer = (snapshot: Snapshot): Verdict | undefined =>
  consumerShare(snapshot) < 0.5 ? undefined : {
    limiter: "consumer",
    verdict: "Limited by what takes the output: the disk or the next program.",
    advice: "Write to a file (-o), or make the next program faster."
  }

const fromCpu = ({ usage }: Snapshot): Verdict | undefined => {
  const { machine = 0, main, process, throttled } = usage
  if (throttled >= 0.2) {
    return {
      limiter: "cpu",
      verdict: "Limited by the CPU quota of its container.",
      advice: "Raise the quota, or lower numWorkers to the cores it allows."
    }
  }
  const isMachineBusy = process >= 0.85 || (machine >= 0.9 && process >= 0.25)
  if (!isMachineBusy && main < 0.9) return undefined
  return {
    limiter: "cpu",
    verdict: isMachineBusy
      ? "Limited by the CPU: all cores were busy."
      : "Limited by the CPU: the main thread, which parses and writes, was busy.",
    advice: isMachineBusy
      ? "Use a machine with more or faster cores; nothing else will help much."
      : "Use faster cores; more of them will not help much. Bodies that are not parsed (--output-dir) cost less."
  }
}

const fromServerLimit = ({ origins, paced, seconds, settings }: Snapshot): Verdict | undefined => {
  // Where no rate was set, those who wait for a turn do so because of the server, too.
  const turns = ({ origin, refusals }: Snapshot["origins"][number]): number =>
    refusals === 0 || settings === undefined || rateOf(origin, settings) !== undefined
      ? 0
      : paced.find((other) => other.origin === origin)?.waited ?? 0
  const longest = origins.find((origin) => shareOf((origin.heldUp + turns(origin)) / 1000, seconds) >= 0.5)
  if (longest === undefined) return undefined
  const { answered, host, rate = answered / seconds } = longest
  const { limit, text } = Quantity.requests(rate)
  const others = origins.filter(({ heldUp }) => heldUp > 0).length - 1
  return {
    limiter: "server limit",
    verdict: `Limited by a server limit: about ${text} at ${host}` +
      `${others === 0 ? "" : `, and those of ${Quantity.counted(others, "other origin")}`}.`,
    advice: others === 0
      ? `Set it (--rate ${limit}, or what the server says), so that no request is refused.`
      : `Set it in --limits FILE ({"${longest.origin}": {"rate": "${limit}"}}), so that no request is refused.`
  }
}

/** A rate that was set, where entries waited for their turn for most of the run. */
const fromRate = ({ paced: [longest], seconds, settings }: Snapshot): Verdict | undefined => {
  if (settings === undefined || longest === undefined || shareOf(longest.waited / 1000, seconds) < 0.5) return undefined
  const rate = rateOf(longest.origin, settings)
  return rate === undefined ? undefined : {
    limiter: "rate",
    verdict: `Limited by the rate that was set: ${Quantity.requestsPer(rate.requests, rate.per)}.`,
    advice: "Raise it if the server allows more."
  }
}

type Settings = NonNullable<Snapshot["settings"]>

/** The rules are in the order in which they hold. */
const rateOf = (origin: string, { origins, rate }: Settings): Settings["rate"] => {
  const host = hostOf(origin)
  const rule = origins.find(({ pattern, rate }) =>
    rate !== undefined &&
    (pattern === origin || pattern === host || (pattern.startsWith("*.") && host.endsWith(pattern.slice(1))))
  )
  return rule?.rate ?? rate
}

const hostOf = (origin: string): string => origin.replace(/^https?:\/\/|:\d+$/g, "")

const fromServerErrors = (snapshot: Snapshot): Verdict | undefined => {
  const { entryTime } = snapshot
  const share = shareOf(entryTime.serverErrors + entryTime.sentAgain, entryTime.all)
  if (share < 0.5) return undefined
  return {
    limiter: "server errors",
    verdict: snapshot.failures.some(({ detail, reason }) => reason === "Status" && detail === "429")
      ? "Limited by the server: it answered 429, too many requests, and they waited and were sent again."
      : "Limited by the server: answers that failed (429, 5xx and the like), and waits before they were asked for again.",
    advice: "Ask more gently (--rate, or lower connectionsPerOrigin), and for what failed again later (--retry-failed)."
  }
}

const fromDns = ({ entryTime }: Snapshot): Verdict | undefined =>
  shareOf(entryTime.dns, entryTime.all) < 0.5 ? undefined : {
    limiter: "dns",
    verdict: "Limited by DNS: most time went to host names that were not found.",
    advice: "Check the host names, and the name server of this machine."
  }

const fromLatency = (snapshot: Snapshot): Verdict | undefined => {
  const most = connectionLimitOf(snapshot)
  if (most === undefined || atOnce(snapshot) < 0.7 * most.count) return undefined
  const { entryTime, latency } = snapshot
  const isTimeouts = shareOf(entryTime.timeouts, entryTime.all) >= 0.5
  const isAdaptive = most.option === "concurrency" && snapshot.settings?.concurrency === "adaptive"
  return {
    limiter: "latency",
    verdict: isTimeouts
      ? "Limited by latency: most time went to requests that were not answered in time."
      : `Limited by latency: an answer took ${Quantity.millis(latency.mean)} on average, and all places were busy.`,
    advice: isTimeouts
      ? "Lower the timeout, if the server answers sooner when it does at all."
      : isAdaptive
      ? undefined
      : `Raise ${most.option} if the server allows it; it was ${Quantity.count(most.limit)}.`
  }
}

const unknown = (snapshot: Snapshot): Verdict => ({
  limiter: "unknown",
  verdict: connectionLimitOf(snapshot) === undefined
    ? "What limited the run is not known: nothing stands out."
    : "What limited the run is not known: it could have had more requests under way. Perhaps the input came slowly.",
  advice: undefined
})

/** How many requests may be under way at once, and which option says so. */
const connectionLimitOf = (
  { hostCount, settings, traffic }: Snapshot
): { readonly count: number; readonly limit: number; readonly option: string } | undefined => {
  if (settings === undefined) return undefined
  const { connectionsPerOrigin, maxConnections } = settings
  const connections = Math.max(1, hostCount) * connectionsPerOrigin
  const adaptive = traffic.reduce((all, { adaptiveLimit = connectionsPerOrigin }) => all + adaptiveLimit, 0)
  // Where nothing is known of the origins, their connections are the limit.
  const concurrency = settings.concurrency !== "adaptive" ? settings.concurrency : adaptive === 0 ? Infinity : adaptive
  const all = [
    { count: connections, limit: connectionsPerOrigin, option: "connectionsPerOrigin" },
    { count: maxConnections, limit: maxConnections, option: "maxConnections" },
    { count: concurrency, limit: concurrency, option: "concurrency" }
  ]
  return all.reduce((least, other) => other.count < least.count ? other : least)
}

const evidence = (snapshot: Snapshot): ReadonlyArray<string> => {
  const { entryTime, hostCount, origins, usage } = snapshot
  const most = connectionLimitOf(snapshot)
  const part = (time: number) => Quantity.percent(shareOf(time, entryTime.all))
  return [
    `The output held the run back for ${Quantity.percent(consumerShare(snapshot))} of the time.`,
    `This process used ${Quantity.percent(usage.process)} of ${Quantity.counted(usage.cores, "core")}` +
    `${usage.machine === undefined ? "" : `, all programs ${Quantity.percent(usage.machine)}`}; ` +
    `its main thread was busy for ${Quantity.percent(usage.main)} of the time` +
    `${usage.throttled === 0 ? "" : `, and a quota stopped it for ${Quantity.percent(usage.throttled)}`}.`,
    `On average ${Quantity.digits(atOnce(snapshot))} entries were under way` +
    `${
      most === undefined ?
        "" :
        ` of ${Quantity.count(most.count)} possible (${most.option}, ${Quantity.counted(hostCount, "host")})`
    }.`,
    `Of the entries' time ${part(entryTime.serverErrors)} went to 429 and 5xx, ${part(entryTime.sentAgain)} to ` +
    `entries that succeeded when sent again, ${part(entryTime.timeouts)} to timeouts, ${part(entryTime.dns)} to ` +
    "host names not found.",
    ...ofOrigins(origins)
  ]
}

/** What servers said of their limits; nothing where they said none. */
const ofOrigins = (origins: Snapshot["origins"]): ReadonlyArray<string> => {
  const sum = (count: (origin: Snapshot["origins"][number]) => number) =>
    origins.reduce((all, origin) => all + count(origin), 0)
  const refusals = sum((origin) => origin.refusals)
  const skipped = sum((origin) => origin.skipped)
  const [first] = origins
  return [
    ...(refusals === 0 || first === undefined ? [] : [
      `Servers refused ${
        Quantity.counted(refusals, "request")
      } for their rate, which were sent again; entries waited ` +
      `${Quantity.seconds(first.heldUp / 1000)} for ${first.host}.`
    ]),
    ...(skipped === 0 ? [] : [
      `${Quantity.counted(skipped, "entry was", "entries were")} not asked for, since their origins answered nothing.`
    ])
  ]
}

const consumerShare = ({ consumerWaited, seconds }: Snapshot): number => shareOf(consumerWaited / 1000, seconds)

const shareOf = (part: number, whole: number): number => whole <= 0 ? 0 : Math.min(1, part / whole)
