/**
 * The headers a caller gives, and which of them go along when a redirect leads
 * to another origin: those that say what is wanted, and by which program. What
 * may be a secret stays behind: everything else, and whatever was given as
 * `Redacted`.
 */

const harmless = new Set([
  "accept",
  "accept-charset",
  "accept-datetime",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "dnt",
  "pragma",
  "sec-gpc",
  "user-agent"
])

/**
 * Whether a header may go to another origin, by its name in any case.
 */
export const isHarmless = (name: string): boolean => harmless.has(name.toLowerCase())

/**
 * Of a caller's headers those that go to another origin.
 */
export const forOtherOrigins = (
  headers: Readonly<Record<string, string>>,
  secret: ReadonlyArray<string>
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => isHarmless(name) && !secret.includes(name)))
