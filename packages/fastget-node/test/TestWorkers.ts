/** The worker files of the tests. They run the built packages, in plain JavaScript. */
import { Worker, type WorkerOptions } from "node:worker_threads"

export type Name =
  | "decoding"
  | "deadly"
  | "exits-at-load"
  | "missing"
  | "other-protocol"
  | "own-client"
  | "schema"
  | "silent"
  | "thread-id"
  | "throws-at-load"
  | "wrapped"

export const spawn = (name: Name, options: WorkerOptions = {}) => (): Worker =>
  new Worker(new URL(`./workers/${name}.mjs`, import.meta.url), { execArgv: [], stderr: true, ...options })
