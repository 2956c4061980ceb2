/** A chunk of entries on its way to a worker: plain data, which crosses threads. */
import type { Settings } from "../../FastGetConfig.js"
import type { As } from "../../Outcome.js"
import type * as SharedBytes from "./SharedBytes.js"

/** Of the settings, what a worker needs for a chunk. Plain data. */
export interface GetSettings extends
  Pick<
    Settings,
    "timeout" | "deadline" | "retry" | "headers" | "maxRedirects" | "maxBodyBytes" | "emptyBody" | "decodeTimeout"
  >
{
  /** Of the headers those that go along to another origin; none where it is missing. */
  readonly headersElsewhere?: Settings["headers"]
  /** What requests to these origins say of the trace of the run, where they say something. */
  readonly trace?: { readonly traceparent: string; readonly origins: ReadonlyArray<string> }
}

/**
 * A chunk on its way to a worker. The ids stay behind; an answer names its
 * entry by the index in `urls`.
 */
export interface WireChunk {
  /** The stream's number; a worker serves streams in turn. */
  readonly runId: number
  readonly as: As
  /** Whether outcomes carry the response's headers. */
  readonly withHeaders: boolean
  /** Whether a client that can may take the quick path. */
  readonly quick: boolean
  readonly settings: GetSettings
  /** Whether the run may be drained, so that its worker has to look for it. */
  readonly drainable: boolean
  /** A rate of the run's own at each origin, where its layer does not have the same. */
  readonly rate?: Settings["rate"]
  /** The run's count of bytes, in memory the threads share. */
  readonly buffered: SharedBytes.Wire
  readonly urls: ReadonlyArray<string>
}
