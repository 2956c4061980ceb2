/**
 * What a run came to, in words and as JSON.
 */
import type { Snapshot } from "./RunStatistics.js"

/** A few lines for the end of a run; `howToResume` is the command that goes on, if there is something left. */
export const text = (snapshot: Snapshot, howToResume: string | undefined): string => {
  const { badRows, failed, failures, skipped, succeeded } = snapshot
  const reasons = Object.entries(failures).map(([reason, count]) => `  ${reason}: ${count}\n`).join("")
  const before = skipped === 0 ? "" : `, ${skipped} done before`
  const rows = badRows === 0 ? "" : `, ${badRows} bad rows`
  const resume = howToResume === undefined ? "" : `To go on: ${howToResume}\n`
  return `${succeeded} succeeded, ${failed} failed${rows}${before}\n${reasons}${resume}`
}

export const json = (snapshot: Snapshot): string => `${JSON.stringify(snapshot)}\n`
