/**
 * FastGet on Node: worker threads and an HTTP client, as layers.
 *
 * @since 0.1.0
 */

/** Everything wired: begin here. */
export * as NodeFastGet from "./NodeFastGet.js"
/** The pool of threads. */
export * as NodeFetchPool from "./NodeFetchPool.js"
/** A worker file of your own. */
export * as NodeFetchWorker from "./NodeFetchWorker.js"
/** The HTTP client of the default worker. */
export * as NodeGetClient from "./NodeGetClient.js"
