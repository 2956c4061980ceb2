/**
 * The messages between a client of the cluster and the runners, as an entity of
 * `@effect/cluster`: the owner of some origins. A chunk goes to the owner of its
 * origins by `Fetch`; its answers come back by the reply and by those of `More`.
 * The messages are volatile: what a runner had when it died is asked for again.
 */
import * as Entity from "@effect/cluster/Entity"
import * as Rpc from "@effect/rpc/Rpc"
import * as Schema from "effect/Schema"
import type { GetSettings, WireBatch, WireChunk } from "fastget/FetchPool"

/** The version of these messages. A runner of another version says so, and is not used. */
export const protocol = 1

/** Which chunk of which stream of which client a message is about. */
export interface ChunkName {
  /** A random text that no other client has. */
  readonly client: string
  /** The number of the stream within its client. */
  readonly run: number
  /** The number of the chunk within its stream. */
  readonly chunk: number
}

/** Fetches URLs of origins that the entity owns. */
export interface FetchPayload extends ChunkName, Pick<WireChunk, "as" | "withHeaders" | "quick" | "rate" | "urls"> {
  readonly protocol: number
  /** Into how many lanes the client divides an origin. */
  readonly lanes: number
  /** Chunks of the same stream that the owner may forget. */
  readonly finished: ReadonlyArray<number>
  readonly settings: GetSettings
}

/** Asks for more answers of a chunk. */
export interface MorePayload extends ChunkName {
  /** The number of the last reply that arrived. The runner forgets that one. */
  readonly taken: number
  /** Whether no further request of the stream is to begin. */
  readonly isDrained: boolean
}

/** Chunks of a stream that the owner may forget. */
export interface DropPayload extends Omit<ChunkName, "chunk"> {
  readonly chunks: ReadonlyArray<number>
}

/** Fetches a stored chunk of a job, whose origins the entity owns, and writes its outcomes to the job's sink. */
export interface RunStoredPayload {
  readonly protocol: number
  /** Into how many lanes an origin is divided. */
  readonly lanes: number
  /** Of the job. */
  readonly uid: string
  readonly part: number
  readonly number: number
}

/** `Working`: it is under way, and to be asked for again. `Failed`: it could not be fetched or written, and may be tried again. */
export type StoredReply =
  | { readonly _tag: "Done" }
  | { readonly _tag: "Working" }
  | { readonly _tag: "Failed"; readonly problem: string }
  | Refused

/** Runner and sender don't fit together. */
interface Refused {
  readonly _tag: "Refused"
  readonly protocol: number
  readonly lanes: number
}

/** Answers of a chunk. */
export interface Answers {
  readonly _tag: "Answers"
  /** Counts the replies of a chunk, from 1. */
  readonly number: number
  /** Whether no more will come. */
  readonly isLast: boolean
  readonly batch: ReplyBatch
}

/** A `WireBatch` whose buffers may be views of a message. */
export interface ReplyBatch extends Pick<WireBatch, "count" | "extras"> {
  readonly buffer: Uint8Array
  readonly large: ReadonlyArray<Uint8Array>
}

/**
 * The answer to a message. `Unknown`: the runner has no such chunk, because
 * another one had it, which died or had to hand it over. `Refused`: runner and
 * client don't fit together.
 */
export type Reply = Answers | { readonly _tag: "Unknown" } | Refused

/** What is checked by nobody on its way: both ends are this package, and `protocol` says which version of it. */
const plain = <A extends object>() => Schema.declare((u): u is A => typeof u === "object" && u !== null)

/** Fetches a chunk. What has the same name as one that the runner has is that one. */
const Fetch = Rpc.make("Fetch", { payload: plain<FetchPayload>(), success: plain<Reply>() })

const More = Rpc.make("More", { payload: plain<MorePayload>(), success: plain<Reply>() })

/** Nobody waits for the chunks any more. */
const Drop = Rpc.make("Drop", { payload: plain<DropPayload>() })

/** Nothing is lost with it: what is stored is asked for until it is done. */
const RunStored = Rpc.make("RunStored", { payload: plain<RunStoredPayload>(), success: plain<StoredReply>() })

/** The owner of some origins. */
export const OriginEntity = Entity.make("fastget/Origins", [Fetch, More, Drop, RunStored])
