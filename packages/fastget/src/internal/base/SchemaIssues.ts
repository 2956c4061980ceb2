/**
 * Where a value and its schema differ, without the value: a `ParseIssue` comes
 * in, a `Decode` reason with its places goes out.
 *
 * @since 0.1.0
 */
import type * as ParseResult from "effect/ParseResult"
import type { ParseOptions } from "effect/SchemaAST"
import type { Decode, SchemaIssue } from "../../Reason.js"

/**
 * Every issue is looked for, and not the first one only.
 *
 * @since 0.1.0
 * @category constants
 */
export const all: ParseOptions = { errors: "all" }

/** The most places told of one body. */
const mostIssues = 20

/** The longest description of what was expected. */
const longestExpected = 200

/** What was found so far. */
interface Found {
  readonly issues: Array<SchemaIssue>
  more: number
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const toReason = (issue: ParseResult.ParseIssue): Decode => {
  const found: Found = { issues: [], more: 0 }
  collect(issue, [], found)
  const { issues, more } = found
  const first = issues[0]
  const where = first === undefined || first.path.length === 0 ? "the whole body" : `at ${first.path.join(".")}`
  return { _tag: "Decode", problem: "schema", where, issues, ...(more === 0 ? undefined : { moreIssues: more }) }
}

type Path = ReadonlyArray<string | number>

const collect = (issue: ParseResult.ParseIssue, path: Path, found: Found): void => {
  switch (issue._tag) {
    case "Pointer": {
      const steps = Array.isArray(issue.path) ? issue.path : [issue.path]
      const longer = steps.map((step) => typeof step === "number" ? step : String(step))
      return collect(issue.issue, [...path, ...longer], found)
    }
    case "Composite": {
      const parts = Array.isArray(issue.issues) ? issue.issues : [issue.issues]
      for (const part of parts) collect(part, path, found)
      return
    }
    case "Refinement":
    case "Transformation":
      return issue.issue._tag === "Type" && issue.kind !== "Transformation"
        ? add(found, path, issue._tag, expected(issue.ast), issue.issue.actual)
        : collect(issue.issue, path, found)
    case "Unexpected":
      return add(found, path, issue._tag, "nothing", issue.actual)
    case "Missing":
      return add(found, path, issue._tag, expected(issue.ast))
    case "Type":
    case "Forbidden":
      add(found, path, issue._tag, expected(issue.ast), issue.actual)
  }
}

const add = (found: Found, path: Path, problem: string, expected: string, actual?: unknown): void => {
  if (found.issues.length >= mostIssues) return void found.more++
  const kind = kindOf(actual)
  found.issues.push({ path, problem, expected, ...(kind === undefined ? undefined : { actual: kind }) })
}

/** What kind of thing a value is. The value itself may be a secret. */
const kindOf = (value: unknown): string | undefined => {
  if (value === undefined) return undefined
  return value === null ? "null" : Array.isArray(value) ? "list" : typeof value
}

const expected = (ast: { readonly toString: () => string }): string => String(ast).slice(0, longestExpected)
