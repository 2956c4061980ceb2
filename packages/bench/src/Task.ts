/**
 * What a client's process is told and what it says. The task goes in as the
 * first argument, JSON; the report comes out as the last line of its output,
 * JSON. Python and shell programs keep to the same two.
 */

/** What a client is to do. */
export interface Task {
  /** `http://127.0.0.1:port`, without a slash at the end; entries go over them in turns. */
  readonly origins: ReadonlyArray<string>
  /** The first segment of each URL's path: it says what the server answers. */
  readonly path: string
  readonly entries: number
  /** Requests before the measured ones, to other URLs. */
  readonly warmup: number
  /** Most requests at once, for clients that have to be told. */
  readonly connections: number
}

/** What a client has done. The times and the CPU are those of the measured part. */
export interface Report {
  readonly answers: number
  /** The sum of `message.length` over all answers: proof that each JSON was read. */
  readonly read: number
  readonly seconds: number
  /** Until the last answer that is not slow by intention. */
  readonly quickSeconds: number
  /** User and system, of all threads and child processes. */
  readonly cpuMicros: number
  /** Peak resident memory of all processes; missing where it can't be known. */
  readonly rssBytes?: number
  /** Requests of the warm-up; missing where it is the task's. */
  readonly warmup?: number
  /** Requests the server may have seen beyond the answers: a client that runs for a time leaves some unanswered. */
  readonly unanswered?: number
  /** From the start of the program to the first result, imports included. */
  readonly coldSeconds?: number
}

/** The field that is read is `{"message": "Hello World!"}` in every body. */
export const message = "Hello World!"

/** In the scenario with slow answers, the entries whose number ends with this are slow. */
export const slowSuffix = "5000"

export const isSlow = (n: number): boolean => n % 10_000 === Number(slowSuffix)

export const url = ({ origins, path }: Task, n: number): string => `${origins[n % origins.length]}/${path}/${n}`

/** Other URLs than the measured ones, and none of them slow. */
export const warmupUrl = ({ origins, path }: Task, n: number): string => `${origins[n % origins.length]}/${path}/${n}w`
