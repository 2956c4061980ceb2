/** The worker files of the tests. They run the built packages, in plain JavaScript. */
import { Worker, type WorkerOptions } from "node:worker_threads"

export type Name =
  | "clients"
  | "decoding"
  | "deadly"
  | "dies-at-chunk"
  | "dies-when-ready"
  | "exits-at-load"
  | "killing"
  | "missing"
  | "other-protocol"
  | "own-client"
  | "schema"
  | "silent"
  | "spins-at-load"
  | "thread-id"
  | "throws-at-load"
  | "without-imports"
  | "without-run-main"
  | "wrapped"

export const spawn = (name: Name, options: WorkerOptions = {}) => (given: WorkerOptions = {}): Worker =>
  new Worker(new URL(`./workers/${name}.mjs`, import.meta.url), { execArgv: [], stderr: true, ...given, ...options })
