/**
 * Thousands to millions of GETs as one typed Effect stream. Each module is a
 * namespace, as in `@effect/platform`.
 *
 * @since 0.1.0
 */

/** What comes in. */
export * as Entry from "./Entry.js"
/** The service and its accessors: begin here. */
export * as FastGet from "./FastGet.js"
/** Every option. */
export * as FastGetConfig from "./FastGetConfig.js"
/** The service for tests, with answers that were recorded. */
export * as FastGetRecording from "./FastGetRecording.js"
/** The service for tests, with answers by URL. */
export * as FastGetTest from "./FastGetTest.js"
/** Why an entry has no result. */
export * as FetchError from "./FetchError.js"
/** What Effect's metrics tell. */
export * as FetchMetrics from "./FetchMetrics.js"
/** Where chunks are fetched. */
export * as FetchPool from "./FetchPool.js"
/** What runs in a worker. */
export * as FetchWorker from "./FetchWorker.js"
/** JSON as a type. */
export * as Json from "./Json.js"
/** What goes out. */
export * as Outcome from "./Outcome.js"
/** Why a pool can't work. */
export * as PoolError from "./PoolError.js"
/** Why a recording can't be used. */
export * as RecordingError from "./RecordingError.js"
