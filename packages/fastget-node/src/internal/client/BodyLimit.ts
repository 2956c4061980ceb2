/**
 * How much of a body is read. What is known of an answer comes in, its status
 * and headers first and then the bytes so far; whether to read on goes out.
 */
import type { Reason } from "fastget/FetchError"
import * as Framing from "./Framing.js"

/** Why no more is read: nothing more is wanted of this answer, or it may not be read. */
export type Stop = "enough" | Reason

/** The most that is read of a body nobody wants, so that its connection can be used again for the next request. */
const unwantedBytes = 65_536

export const isSuccess = (status: number): boolean => status >= 200 && status < 300

/** Why the body is not read at all, if so; `rawHeaders` are those that the server sent. */
export const stopAtHead = (
  status: number,
  rawHeaders: ReadonlyArray<Buffer>,
  maxBodyBytes: number
): Stop | undefined => {
  // A 304 may tell the length of the body that it saves. A server that tells one with a 204 may send the body, too.
  if (status === 304) return undefined
  if (status === 204) return Framing.announcesBody(rawHeaders) ? "enough" : undefined
  const fault = Framing.faultOf(rawHeaders, maxBodyBytes)
  if (fault === undefined || isSuccess(status)) return fault
  // Outside 2xx only the beginning is read, so that the length does not matter; of bytes that are coded, nothing is.
  return fault._tag === "Protocol" ? "enough" : undefined
}

/** Why the body is not read on after `bytes` of it, if so. */
export const stopAfter = (status: number, bytes: number, maxBodyBytes: number): Stop | undefined => {
  if (!isSuccess(status)) return bytes > unwantedBytes ? "enough" : undefined
  return bytes > maxBodyBytes ? { _tag: "TooLarge", limit: maxBodyBytes, of: "wire" } : undefined
}
