/**
 * What the time of all entries was spent on, by how each of them ended: it tells
 * what limited a run.
 */
import type { Outcome } from "fastget/Outcome"

/**
 * Milliseconds from the first request of an entry to its outcome, added up:
 * those of all entries, of those that ended with a status that asks to try again
 * (429, 5xx), that succeeded only when they were sent again, whose host name was
 * not found, and whose time ran out.
 */
export interface EntryTimes {
  readonly all: number
  readonly serverErrors: number
  readonly sentAgain: number
  readonly dns: number
  readonly timeouts: number
}

export class EntryTime {
  private readonly times = { all: 0, serverErrors: 0, sentAgain: 0, dns: 0, timeouts: 0 }

  record({ attempts, result }: Outcome<unknown, unknown>, millis: number): void {
    const { times } = this
    times.all += millis
    if (result._tag === "Right") {
      if (attempts > 1) times.sentAgain += millis
      return
    }
    const { reason } = result.left
    if (reason._tag === "Status" && (reason.status === 429 || reason.status >= 500)) times.serverErrors += millis
    if (reason._tag === "Dns") times.dns += millis
    if (reason._tag === "Timeout") times.timeouts += millis
  }

  read(): EntryTimes {
    return { ...this.times }
  }
}
