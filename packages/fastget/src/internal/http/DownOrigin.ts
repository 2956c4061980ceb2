/**
 * Why an entry ends unasked at an origin that is down: what was seen there last,
 * by whichever thread, since when, and how many entries ended so.
 */
import type { OriginDown, Reason } from "../../Reason.js"
import type { OriginGate } from "../origin/OriginGate.js"
import * as SharedClock from "../traffic/SharedClock.js"

/** The reason; `origin` is down by the word of the gate. */
export const reasonOf = (gate: OriginGate, origin: string): Reason => {
  const { gaveUp, reason, since, skipped } = gate.whyDown(origin)
  const last = parse(reason)
  // Where it refuses everything, that is why this entry has no result. Since then it may have stopped answering, too.
  if (gaveUp && last._tag === "Status") return last
  return { _tag: "OriginDown", last, since: Math.round(new Date().getTime() - (SharedClock.now() - since)), skipped }
}

/** A reason as `RequestEnd` wrote it; one that was too long for the table is missing. */
const parse = (reason: string): typeof OriginDown.Type["last"] =>
  reason === ""
    ? { _tag: "Transport", detail: "nothing answered" }
    : JSON.parse(reason) as typeof OriginDown.Type["last"]
