/**
 * The limit that a server tells with an answer: `RateLimit` and
 * `RateLimit-Policy` of the IETF draft, its older form of three headers, and the
 * spellings of `X-RateLimit-Limit`, `-Remaining` and `-Reset`. What can't be
 * read is as good as no header.
 */

/** What a server tells of its limit. */
export interface LimitHeaders {
  /** How many requests are still admitted until `reset`. */
  readonly remaining: number
  /** Milliseconds from now until the limit is renewed. */
  readonly reset: number
  /** How many requests are admitted in a window. */
  readonly limit: number | undefined
  /** The length of a window in milliseconds. */
  readonly window: number | undefined
}

type Headers = Readonly<Record<string, string | undefined>>

/** The names of three headers that belong together: what remains, when it is renewed, what there is in all. */
const families: ReadonlyArray<readonly [remaining: string, reset: ReadonlyArray<string>, limit: string]> = [
  ["ratelimit-remaining", ["ratelimit-reset"], "ratelimit-limit"],
  ["x-ratelimit-remaining", ["x-ratelimit-reset-after", "x-ratelimit-reset"], "x-ratelimit-limit"],
  ["x-rate-limit-remaining", ["x-rate-limit-reset"], "x-rate-limit-limit"],
  ["x-ratelimit-remaining-requests", ["x-ratelimit-reset-requests"], "x-ratelimit-limit-requests"]
]

/**
 * What the headers (names in lower case) tell, or `undefined`. `now` is the time
 * of day in milliseconds, since a reset may be a date.
 */
export const parse = (headers: Headers, now: number): LimitHeaders | undefined => {
  const draft = headers["ratelimit"]
  if (draft !== undefined) return ofDraft(draft, headers["ratelimit-policy"])
  for (const [remaining, reset, limit] of families) {
    const left = headers[remaining]
    if (left === undefined) continue
    const told = ofThree(
      left,
      reset.map((name) => headers[name]).find((value) => value !== undefined),
      headers[limit],
      now
    )
    if (told === undefined) continue
    return { ...told, window: told.window ?? policiesOf(headers["ratelimit-policy"])[0]?.window }
  }
  return undefined
}

const ofThree = (
  remaining: string,
  reset: string | undefined,
  limit: string | undefined,
  now: number
): LimitHeaders | undefined => {
  const left = number(remaining)
  const wait = reset === undefined ? undefined : millisUntil(reset, now)
  if (left === undefined || wait === undefined) return undefined
  // `RateLimit-Limit` may have policies behind the number: `10, 10;w=1, 50;w=60`.
  const [first, ...policies] = (limit ?? "").split(",")
  return {
    remaining: left,
    reset: wait,
    limit: number(first!),
    window: policiesOf(policies.join(",")).find(({ quota }) => quota === number(first!))?.window
  }
}

/** A number of seconds, a time of day in seconds or milliseconds, or a time such as `1m30s`. */
const millisUntil = (text: string, now: number): number | undefined => {
  const value = number(text)
  if (value === undefined) return duration(text)
  // Nobody waits for thirty years: it is a time of day, and one of the past says that it is over.
  if (value >= 1e12) return Math.max(0, value - now)
  if (value >= 1e9) return Math.max(0, value * 1000 - now)
  return value * 1000
}

/** `1m30s`, `20ms`, `1h0m0s`. */
const duration = (text: string): number | undefined => {
  const parts = /^\s*(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?\s*$/.exec(text)
  if (parts === null || parts.slice(1).every((part) => part === undefined)) return undefined
  const [hours, minutes, seconds, millis] = parts.slice(1).map((part) => Number(part ?? 0))
  return hours! * 3_600_000 + minutes! * 60_000 + seconds! * 1000 + millis!
}

const number = (text: string): number | undefined => {
  const digits = /^\s*(\d{1,15}(?:\.\d+)?)\s*$/.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

interface Policy {
  readonly name: string
  readonly quota: number | undefined
  readonly window: number | undefined
}

/** `"default";q=100;w=60`, and of older drafts `100;w=60`. */
const policiesOf = (text: string | undefined): ReadonlyArray<Policy> =>
  items(text ?? "").map(({ name, parameters }) => ({
    name,
    quota: number(parameters.get("q") ?? name),
    window: seconds(parameters.get("w"))
  }))

/** `"default";r=50;t=30`, of several the one that runs out first; of older drafts `limit=100, remaining=50, reset=30`. */
const ofDraft = (text: string, policy: string | undefined): LimitHeaders | undefined => {
  const policies = policiesOf(policy)
  const all = items(text)
  const old = new Map(all.map(({ name }) => name.split("=")).map(([key, value]) => [key!.trim(), value ?? ""]))
  const remaining = number(old.get("remaining") ?? "")
  const reset = seconds(old.get("reset"))
  if (remaining !== undefined && reset !== undefined) {
    const limit = number(old.get("limit") ?? "")
    return { remaining, reset, limit, window: policies.find(({ quota }) => quota === limit)?.window }
  }
  return all.reduce<LimitHeaders | undefined>((nearest, { name, parameters }) => {
    const told = ofItem(parameters, policies.find((policy) => policy.name === name))
    if (told === undefined || nearest === undefined) return told ?? nearest
    const isNearer = told.remaining < nearest.remaining ||
      (told.remaining === nearest.remaining && told.reset > nearest.reset)
    return isNearer ? told : nearest
  }, undefined)
}

const ofItem = (parameters: ReadonlyMap<string, string>, policy: Policy | undefined): LimitHeaders | undefined => {
  const remaining = number(parameters.get("r") ?? "")
  // Without `t` it is not renewed within any time that the server would tell.
  const reset = seconds(parameters.get("t")) ?? policy?.window
  if (remaining === undefined || reset === undefined) return undefined
  return { remaining, reset, limit: policy?.quota, window: policy?.window }
}

const seconds = (text: string | undefined): number | undefined => {
  const value = number(text ?? "")
  return value === undefined ? undefined : value * 1000
}

interface Item {
  readonly name: string
  readonly parameters: ReadonlyMap<string, string>
}

/** The members of a list of structured fields (RFC 9651), each with its parameters. */
const items = (text: string): ReadonlyArray<Item> =>
  text.split(",").filter((item) => item.trim() !== "").map((item) => {
    const [name, ...parameters] = item.split(";").map((part) => part.trim())
    return {
      name: name!.replace(/^"|"$/g, ""),
      parameters: new Map(parameters.map((parameter) => {
        const [key, value] = parameter.split("=")
        return [key!.trim(), (value ?? "").trim().replace(/^"|"$/g, "")]
      }))
    }
  })
