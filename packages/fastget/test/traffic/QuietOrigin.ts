/** What is said of an origin at which nothing has happened. */
import type { OriginTraffic } from "fastget/FetchPool"

export const quiet: OriginTraffic = {
  origin: "http://a",
  waiting: 0,
  opensIn: 0,
  isRefusing: false,
  askedFor: undefined,
  learnedRate: undefined,
  adaptiveLimit: undefined,
  refusals: 0,
  answered: 0,
  downSince: undefined,
  skipped: 0
}
