/**
 * The value of `--retry-failed`: `all`, or `Timeout,Status:5xx,Status:429`.
 */
import * as SchemaAST from "effect/SchemaAST"
import * as Reason from "fastget/Reason"
import { badRowReason, type Found } from "./RecordFormat.js"

/** Whether a failure is to be fetched again. */
export type Wanted = (found: Found) => boolean

/** Every reason there is, from the library's own union. */
export const tags: ReadonlyArray<string> = Reason.Reason.members.flatMap((member) =>
  SchemaAST.getPropertySignatures(member.ast).flatMap(({ name, type }) =>
    name === "_tag" && SchemaAST.isLiteral(type) ? [String(type.literal)] : []
  )
)

const status = /^Status:([1-5](?:xx|\d\d))$/

const parseOne = (text: string): Wanted | undefined => {
  if (text === "all") return () => true
  if (tags.includes(text)) return ({ reason }) => reason === text
  const [, code] = status.exec(text) ?? []
  if (code === undefined) return undefined
  return code.endsWith("xx")
    ? ({ reason, status }) => reason === "Status" && Math.floor((status ?? 0) / 100) === Number(code[0])
    : ({ reason, status }) => reason === "Status" && status === Number(code)
}

/** Undefined for what is no list of reasons. A bad row has nothing to fetch, so none of them wants one. */
export const parse = (text: string): Wanted | undefined => {
  const each = text.split(",").map(parseOne)
  return each.every((wanted) => wanted !== undefined)
    ? (found) => !found.ok && found.reason !== badRowReason && each.some((wanted) => wanted(found))
    : undefined
}
