/** The worker files of the tests. They run the built packages, in plain JavaScript. */
import * as Path from "node:path"
import { Worker, type WorkerOptions } from "node:worker_threads"
import { inject } from "vitest"

export type Name =
  | "clients"
  | "decoding"
  | "deadly"
  | "dies-at-chunk"
  | "dies-when-ready"
  | "exits-at-load"
  | "killing"
  | "law"
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

/** The file, bundled with all it imports (`BundledWorkers`). */
export const bundled = (name: Name): string => Path.join(inject("workers"), `${name}.mjs`)

export const spawn = (name: Name, options: WorkerOptions = {}) => (given: WorkerOptions = {}): Worker =>
  new Worker(bundled(name), { execArgv: [], stderr: true, ...given, ...options })

/** The file as it is: the thread loads its modules from where the packages are, as a user's does. */
export const spawnUnbundled = (name: Name) => (given: WorkerOptions = {}): Worker =>
  new Worker(new URL(`./workers/${name}.mjs`, import.meta.url), { execArgv: [], stderr: true, ...given })
