/**
 * How an exchange ended: its answer, decompressed, or the reason why there is
 * none. What is known of the exchange comes in; undici's errors get the meaning
 * that they have at that point of it.
 */
import type { Reason } from "fastget/FetchError"
import * as BodyCoding from "fastget/platform/BodyCoding"
import type { Answered, Failed } from "fastget/platform/QuickGet"
import * as TransportError from "fastget/platform/TransportError"
import { reused } from "../sockets/Sockets.js"
import { isSuccess } from "./BodyLimit.js"
import * as Decompress from "./Decompress.js"
import { header, headersOf } from "./RawHeaders.js"

/** How far an exchange has come. */
export interface Progress {
  /** Whether a byte of the answer has come. */
  readonly hasBegun: boolean
  /** 0 until the headers have come. */
  readonly status: number
  readonly rawHeaders: ReadonlyArray<Buffer>
  /** Of the body, so far. */
  readonly bytes: number
}

/** The answer with this body. Where `isCut`, the body is only the beginning of one and is not decoded. */
export const answered = (
  { bytes, rawHeaders, status }: Progress,
  body: Uint8Array,
  isCut: boolean,
  maxBodyBytes: number
): Answered | Failed => {
  const encoding = bytes === 0 || isCut ? undefined : header(rawHeaders, "content-encoding")
  const decoded = encoding === undefined ? undefined : Decompress.decode(body, encoding, maxBodyBytes)
  if (decoded?._tag === "Left" && isSuccess(status)) return { _tag: "Failed", reason: decoded.left, bytes }
  return {
    _tag: "Answered",
    status,
    headers: () => headersOf(rawHeaders),
    body: decoded?._tag === "Right" ? decoded.right : body,
    bytes,
    coding: BodyCoding.unknownContentCoding(encoding)
  }
}

/** Whether the answer says where its body ends. */
export const isDelimited = ({ rawHeaders }: Progress): boolean =>
  header(rawHeaders, "content-length") !== undefined ||
  header(rawHeaders, "transfer-encoding")?.toLowerCase().includes("chunked") === true

/** The connection was reset while the body came. */
export const reset = ({ bytes }: Progress): Reason => ({ _tag: "Reset", bytes, reused: false })

/** What an error of undici means at this point of the exchange. */
export const reasonOf = (error: unknown, progress: Progress, origin: string, maxHeaderBytes: number): Reason => {
  const reason = TransportError.toReason(error, { url: new URL(origin), maxHeaderBytes })
  if (reason._tag === "Reset") return resetReason(error, progress, reason)
  if (reason._tag === "Truncated") {
    // Before the end of the headers it is they that contradict each other.
    return progress.status === 0
      ? { _tag: "Protocol", detail: "the headers do not say where the body ends" }
      : truncated(progress)
  }
  return reason
}

const resetReason = (error: unknown, progress: Progress, reason: Reason & { readonly _tag: "Reset" }): Reason => {
  const message = error instanceof Error ? error.message : ""
  if (message.startsWith("bad ")) return { _tag: "Protocol", detail: message }
  if (progress.status === 0) return { ...reason, bytes: 0, reused: !progress.hasBegun && reused(error) }
  const byPeer = error instanceof Error && Reflect.get(error, "code") === "ECONNRESET"
  if (header(progress.rawHeaders, "content-length") !== undefined && !byPeer) return truncated(progress)
  if (header(progress.rawHeaders, "transfer-encoding") !== undefined) return truncated(progress, false)
  return reset(progress)
}

/** A body that ended too soon; with the length that the headers promised, if they did and it counts. */
const truncated = ({ bytes, rawHeaders }: Progress, isByLength = true): Reason => {
  const length = isByLength ? header(rawHeaders, "content-length") : undefined
  return { _tag: "Truncated", received: bytes, ...(length === undefined ? undefined : { expected: Number(length) }) }
}
