/**
 * What the library tells of an origin, for the books.
 */
import type { OriginTraffic } from "fastget/FetchPool"
import type { OriginSummary } from "../../src/stats/OriginBook.js"

export const traffic = (changes: Partial<OriginTraffic> = {}): OriginTraffic => ({
  origin: "https://api.example.com",
  waiting: 0,
  opensIn: 0,
  isRefusing: false,
  askedFor: undefined,
  learnedRate: undefined,
  adaptiveLimit: undefined,
  refusals: 0,
  answered: 0,
  downSince: undefined,
  skipped: 0,
  ...changes
})

/** An origin that refused requests, and held a run up for so many milliseconds. */
export const held = (heldUp: number, changes: Partial<OriginSummary> = {}): OriginSummary => ({
  host: "api.example.com",
  origin: "https://api.example.com",
  waiting: 0,
  opensIn: 0,
  rate: 98.4,
  refusals: 120,
  answered: 900,
  downSince: undefined,
  skipped: 0,
  heldUp,
  ...changes
})
