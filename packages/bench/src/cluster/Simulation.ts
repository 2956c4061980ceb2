/**
 * What a cluster of so many runners does, from costs that were measured: how
 * many answers a second, and what keeps it from more. Origins are given to
 * runners as the engine does it; all else is arithmetic.
 */
import * as HashRing from "effect/HashRing"
import * as PrimaryKey from "effect/PrimaryKey"

/** In microseconds, of one core, as the scenario "cluster" and docs/benchmarks.md have them. */
export interface Costs {
  /** Of a runner for an answer: fetching it and handing it on. */
  readonly runnerAnswer: number
  /** Of a runner for a message. */
  readonly runnerMessage: number
  /** Of the client for an answer. */
  readonly clientAnswer: number
  /** Of the client for a message. */
  readonly clientMessage: number
  /** Of the database for a row of results. */
  readonly row: number
  /** Of the database for a second of one runner: refreshing locks, looking who is there. */
  readonly runnerSecond: number
}

/**
 * Of 27 November 2026, Node 20.20, two cores: answers by the scenario "cluster", the database by the CPU time of its
 * processes during a job of 200,000 entries and during ten quiet seconds, messages as the prototype had them.
 */
export const measured: Costs = {
  runnerAnswer: 50,
  runnerMessage: 650,
  clientAnswer: 5,
  clientMessage: 1300,
  row: 8,
  runnerSecond: 3000
}

export interface Options {
  readonly runners: number
  /** Origins of the input, all with as many entries. */
  readonly origins: number
  readonly lanes: number
  /** Cores of a runner's machine. */
  readonly cores: number
  /** Where answers go: to one client, or to the table of a job. */
  readonly to: "client" | "table"
  readonly costs: Costs
}

export interface Result {
  /** Answers a second. */
  readonly rate: number
  /** Of what as many runners could do that are never waited for. */
  readonly share: number
  /** What keeps it from more. */
  readonly limit: "runners" | "partitions" | "client" | "database"
}

const partitions = 128
/** Shards of the engine. */
const shards = 300
const mostOrigins = 20_000
/** Entries of a message where they are not divided by more partitions. */
const mostInMessage = 1000
/** Entries that a client has with the runners at once. */
const atOnce = 16_384

/** A runner on the ring by which the engine gives shards to runners. */
class Runner implements PrimaryKey.PrimaryKey {
  constructor(readonly number: number) {}

  [PrimaryKey.symbol](): string {
    return `10.${this.number >> 8}.${this.number & 255}.7:34431`
  }
}

/** The engine's hash of the name of an entity. */
const hashOf = (name: string): number => {
  let hash = 5381
  for (let at = name.length - 1; at >= 0; at--) hash = hash * 33 ^ name.charCodeAt(at)
  return hash
}

/** The share of the entries that the runner with most of them has. */
const largestShare = ({ lanes, origins, runners }: Options): number => {
  const ring = HashRing.make<Runner>()
  for (let number = 0; number < runners; number++) HashRing.add(ring, new Runner(number))
  const ownerOf = HashRing.getShards(ring, shards)!
  const shares = new Float64Array(runners)
  // With more origins than this each partition has as many as another.
  const counted = Math.min(origins, mostOrigins)
  for (let origin = 0; origin < counted; origin++) {
    for (let lane = 0; lane < lanes; lane++) {
      // As `Partition` has it: the origins are those of a crawl, their partitions by chance.
      const partition = Math.abs(hashOf(`https://${origin}.example.com`)) % partitions
      shares[ownerOf[Math.abs(hashOf(`${partition}#${lane}`) % shards)]!.number]! += 1 / counted / lanes
    }
  }
  return Math.max(...shares)
}

const second = 1_000_000

export const run = (options: Options): Result => {
  const { cores, costs, lanes, origins, runners, to } = options
  const owners = Math.min(origins, partitions) * lanes
  const inMessage = to === "table" ? mostInMessage : Math.max(1, Math.min(mostInMessage, atOnce / owners))
  const one = cores * second / (costs.runnerAnswer + costs.runnerMessage / inMessage)
  const most = largestShare(options)
  const limits: ReadonlyArray<readonly [Result["limit"], number]> = [
    ["runners", one * runners],
    // All wait for the runner that has most.
    ["partitions", most * runners > 1 + 1e-6 ? one / most : Infinity],
    ["client", to === "client" ? second / (costs.clientAnswer + costs.clientMessage / inMessage) : Infinity],
    ["database", databaseRate(options)]
  ]
  const [limit, rate] = limits.reduce((least, next) => next[1] < least[1] * 0.999 ? next : least)
  return { rate, share: rate / (one * runners), limit }
}

/** One database of as many cores as a runner, which has the rows of results and all runners' locks. */
const databaseRate = ({ cores, costs, runners, to }: Options): number => {
  const left = cores * second - runners * costs.runnerSecond
  return to === "table" ? Math.max(0, left) / costs.row : left > 0 ? Infinity : 0
}
