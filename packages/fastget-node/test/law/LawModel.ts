/** The law: what must have been seen of a case, and nothing of how it is done. */
import type { FetchError } from "fastget"
import type { Case, Kind } from "./LawCase.js"
import { kinds } from "./LawCase.js"
import type { Observation, Seen } from "./LawRun.js"

type Table = Readonly<Record<Kind, { readonly reason?: FetchError.ReasonTag; readonly first?: FetchError.ReasonTag }>>

/** What may come of an entry. A limit that is reached may come before anything else. */
const allowed = (kind: Kind, limit: Case["limit"]): ReadonlyArray<Seen["came"]> => {
  const { first, reason = "success" } = (kinds as Table)[kind]
  if (limit === "ample") return [reason]
  // At a deadline the entry fails with the reason of its last attempt.
  return [reason, "Timeout", ...(limit === "tiny deadline" && first !== undefined ? [first] : [])]
}

/** How the law was broken, a sentence for each way. */
export const violations = (testCase: Case, observation: Observation): ReadonlyArray<string> => [
  ...eachOnce(testCase, observation),
  ...ended(testCase, observation),
  ...bounded(testCase, observation),
  ...cleanedUp(observation)
]

/** What came, came for an entry taken, once, with its id, as its URL asks for. */
const eachOnce = (testCase: Case, { end, ids, outcomes, taken }: Observation): ReadonlyArray<string> => {
  const all = end._tag === "fetch error" ? [...outcomes, end.seen] : outcomes
  const keys = new Set<number>()
  return all.flatMap(({ came, id, key }) => {
    const kind = testCase.entries[key]
    if (kind === undefined || key >= taken) return [`an outcome for ${key}, which was not taken`]
    const twice = keys.has(key)
    keys.add(key)
    const right = allowed(kind, testCase.limit)
    return [
      ...(twice ? [`a second outcome for ${key} (${kind})`] : []),
      ...(id === ids[key] ? [] : [`another id for ${key} (${kind})`]),
      ...(right.includes(came) ? [] : [`${came} for ${key} (${kind}) in place of ${right.join(" or ")}`])
    ]
  })
}

/** The stream ended when and as it had to. */
const ended = (testCase: Case, { end, outcomes, taken }: Observation): ReadonlyArray<string> => {
  const { entries, input, output } = testCase
  const total = Math.min(entries.length, input.failsAfter ?? Infinity)
  const wanted = testCase.end._tag === "take" ? testCase.end.outcomes : Infinity
  const failsItself = input.failsAfter !== undefined && input.failsAfter <= entries.length
  const whole = (): ReadonlyArray<string> =>
    outcomes.length === total && taken === total
      ? []
      : [`${outcomes.length} outcomes for ${taken} entries taken, of ${total} there are`]
  switch (end._tag) {
    case "hung":
      return [`the stream did not end: ${outcomes.length} outcomes for ${taken} entries taken`]
    case "other":
      return [`the stream failed: ${end.text}`]
    case "interrupted":
      return testCase.end._tag === "interrupt" ? [] : ["the stream was interrupted by itself"]
    case "fetch error":
      return output === "stream" ? successesOnly(outcomes) : ["a stream of all outcomes failed with an entry's error"]
    case "input failure":
      return failsItself ?
        [...whole(), ...(output === "stream" ? successesOnly(outcomes) : [])]
        : ["the input failed that does not fail"]
    case "done":
      if (wanted <= outcomes.length) {
        return outcomes.length === wanted ? [] : [`${outcomes.length} outcomes where ${wanted} were wanted`]
      }
      return [
        ...whole(),
        ...(failsItself ? ["the input's failure is lost"] : []),
        ...(output === "stream" ? successesOnly(outcomes) : [])
      ]
  }
}

const successesOnly = (outcomes: ReadonlyArray<Seen>): ReadonlyArray<string> =>
  outcomes.filter(({ came }) => came !== "success").map(({ came, key }) => `${came} of ${key} as a success`)

/** The input was not read further ahead than it may be. */
const bounded = ({ input, settings }: Case, { mostAhead }: Observation): ReadonlyArray<string> => {
  const most = settings.queueMaxSize + (input.form === "stream" ? input.chunk : 0)
  return mostAhead <= most ? [] : [`${mostAhead} entries were taken and not left behind, of ${most} at most`]
}

/** Nothing of the stream is left, and the pool works. */
const cleanedUp = ({ inputClosed, late, next, unanswered }: Observation): ReadonlyArray<string> => [
  ...(inputClosed ? [] : ["the input was not told that it is not read any more"]),
  ...(unanswered === 0 ? [] : [`${unanswered} requests were still open`]),
  ...late.map((path) => `a request came after the end: ${path}`),
  ...(next === "answered" ? [] : [`the pool answered the next entry with ${next}`])
]
