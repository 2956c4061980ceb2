/**
 * Where a value and its schema differ, without the value: a `ParseIssue` comes
 * in, a `Decode` reason with its places goes out.
 *
 * @since 0.1.0
 */
import type * as ParseResult from "effect/ParseResult"
import type { Decode, SchemaIssue } from "../../Reason.js"

/** The most places told of one body. */
const mostIssues = 20

/** The longest description of what was expected. */
const longestExpected = 200

/**
 * @since 0.1.0
 * @category constructors
 */
export const toReason = (issue: ParseResult.ParseIssue): Decode => {
  const issues: Array<SchemaIssue> = []
  collect(issue, [], issues)
  const first = issues[0]
  const where = first === undefined || first.path.length === 0 ? "the whole body" : `at ${first.path.join(".")}`
  return { _tag: "Decode", problem: "schema", where, issues }
}

const collect = (
  issue: ParseResult.ParseIssue,
  path: ReadonlyArray<string | number>,
  into: Array<SchemaIssue>
): void => {
  if (into.length >= mostIssues) return
  switch (issue._tag) {
    case "Pointer": {
      const steps = Array.isArray(issue.path) ? issue.path : [issue.path]
      return collect(
        issue.issue,
        [...path, ...steps.map((step) => typeof step === "number" ? step : String(step))],
        into
      )
    }
    case "Composite": {
      const parts = Array.isArray(issue.issues) ? issue.issues : [issue.issues]
      for (const part of parts) collect(part, path, into)
      return
    }
    case "Refinement":
    case "Transformation":
      return issue.issue._tag === "Type" && issue.kind !== "Transformation"
        ? void into.push({ path, problem: issue._tag, expected: expected(issue.ast) })
        : collect(issue.issue, path, into)
    case "Unexpected":
      return void into.push({ path, problem: issue._tag, expected: "nothing" })
    case "Type":
    case "Missing":
    case "Forbidden":
      into.push({ path, problem: issue._tag, expected: expected(issue.ast) })
  }
}

const expected = (ast: { readonly toString: () => string }): string => String(ast).slice(0, longestExpected)
