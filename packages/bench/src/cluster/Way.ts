/** The ways in which the scenario "cluster" fetches the same entries, and what a program of it is told and tells. */

/** By threads of the program, by a runner for a stream, and by a runner for a job. */
export const ways = ["direct", "stream", "table", "folder"] as const

export type Way = typeof ways[number]

export interface Task {
  readonly way: Way
  /** Of the database; empty where none is needed. */
  readonly database: string
  readonly origin: string
  readonly entries: number
  /** For the files of a job. */
  readonly folder: string
}

export interface Report {
  readonly seconds: number
  /** CPU of the program while it fetched, in microseconds. */
  readonly cpuMicros: number
  readonly peakRssBytes: number
}
