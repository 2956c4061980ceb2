/**
 * What the processes of the scenario "limits" are told and what they say: the
 * one that has the servers, and the clients. As JSON, each.
 */

/** A server. */
export type Model =
  | { readonly kind: "plain"; readonly latency?: number }
  | Limited
  | { readonly kind: "knee"; readonly knee: number; readonly latency: number }
  /** Nobody answers a SYN there. */
  | { readonly kind: "silent" }
  /** Connections are refused there. */
  | { readonly kind: "closed" }

/** A server that admits so many requests a second. */
export interface Limited {
  readonly kind: "limit"
  readonly counts: "bucket" | "fixed" | "sliding"
  readonly perSecond: number
  /** How many tokens a bucket holds; default those of a second. */
  readonly capacity?: number
  readonly tells: "seconds" | "date" | "headers" | "none"
  /** Of a refusal; default 429. */
  readonly status?: number
  /** The limit is another so many milliseconds after the first request. */
  readonly change?: { readonly after: number; readonly perSecond: number }
  /** Each path with this end is refused. */
  readonly refuses?: string
}

/** What a server counted, from its first request on. */
export interface Counted {
  readonly url: string
  readonly requests: number
  readonly admitted: number
  readonly mostSockets: number
  /** Of the time in which requests were answered, in milliseconds: what one in a hundred exceeded. */
  readonly p99: number
  /** Requests and those admitted, in each tenth of a second. */
  readonly timeline: ReadonlyArray<readonly [requests: number, admitted: number]>
}

/** Entries, whose URLs go over these origins in turns. */
export interface Entries {
  readonly origins: ReadonlyArray<string>
  readonly count: number
}

/** What a client is to do: all streams at once. */
export interface Task {
  readonly streams: ReadonlyArray<Entries>
  /** A server that limits nothing, to be asked before. */
  readonly warmup: string
  /** Most requests at once, for clients that have to be told. */
  readonly connections: number
  /** The limit, for clients that have to be told. */
  readonly perSecond?: number
  /** How often a request may be repeated, for clients that have to be told. */
  readonly retries: number
  /** Options of FastGet's layer. */
  readonly options: Readonly<Record<string, unknown>>
}

/** What became of a stream. Times are in seconds since all of them began. */
export interface StreamReport {
  readonly seconds: number
  /** How many entries came to what: `success`, or the name of what went wrong. */
  readonly outcomes: Readonly<Record<string, number>>
  /** When the last entry of each of its origins was done. */
  readonly lastOf: ReadonlyArray<number>
  /** How many entries of each stream had succeeded when this one ended. */
  readonly goodAtEnd: ReadonlyArray<number>
}

export interface Report {
  readonly streams: ReadonlyArray<StreamReport>
}

export const success = "success"

/** The URLs of a stream. */
export const urls = ({ count, origins }: Entries, stream: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, n) => `${origins[n % origins.length]}/${stream}/${n}`)
