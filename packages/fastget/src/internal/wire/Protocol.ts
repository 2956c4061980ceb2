/**
 * The messages between the library and a worker in another thread, and their
 * version. A worker is greeted first; then chunks go to it and batches come
 * back.
 */
import type { KeptOptions } from "../../platform/KeptOptions.js"
import type { WireBatch } from "./Batch.js"
import type { WireChunk } from "./Chunk.js"
import type { WireTraffic } from "./Traffic.js"

/**
 * The version of the messages between the library and its workers. It changes
 * with them, and a worker of another version is refused.
 */
export const protocol = 9

/** What a worker is told before it gets chunks. */
export interface Hello {
  readonly _tag: "Hello"
  readonly protocol: number
  /** Whether to say which of the layer's options the worker's client keeps. */
  readonly asks?: boolean
  /** The limits of the layer, and the table its threads share. */
  readonly traffic?: WireTraffic
}

/** From the library to a worker. */
export type Request =
  | Hello
  | {
    readonly _tag: "Chunk"
    readonly protocol: number
    /** Counts a worker's chunks, from 1. */
    readonly number: number
    readonly chunk: WireChunk
  }

/**
 * From a worker to the library. `Hello` answers `Hello`, and anything of
 * another protocol.
 */
export type Reply =
  | {
    readonly _tag: "Hello"
    readonly protocol: number
    /** What the layer that started the worker told it to say; missing where the worker can't know. */
    readonly told?: string
    /** Where it is asked: the options that its client keeps, as it keeps them. */
    readonly kept?: KeptOptions
    /** Names of options that the worker says it keeps in a way of its own. */
    readonly keeps?: ReadonlyArray<string>
  }
  | { readonly _tag: "Batch"; readonly protocol: number; readonly batch: WireBatch }

/** What a worker says of itself in its greeting. */
export type Greeting = Omit<Extract<Reply, { readonly _tag: "Hello" }>, "_tag" | "protocol">

/** The greeting of a worker. */
export const hello = (greeting: Greeting): Reply => ({ _tag: "Hello", protocol, ...greeting })

/** Answers on their way back. */
export const batchReply = (batch: WireBatch): Reply => ({ _tag: "Batch", protocol, batch })

/** The chunk of a request that this version understands; undefined for every other request, which is greeted. */
export const chunkOf = (request: Request): Extract<Request, { readonly _tag: "Chunk" }> | undefined =>
  request._tag === "Chunk" && request.protocol === protocol ? request : undefined
