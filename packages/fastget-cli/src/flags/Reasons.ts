/**
 * The value of `--retry-failed`: `all`, or `Timeout,Status:5xx,Status:429`.
 */
import * as SchemaAST from "effect/SchemaAST"
import * as Nearest from "fastget/platform/Nearest"
import * as Reason from "fastget/Reason"
import type { Wanted } from "../output/Journal.js"
import { badRowReason } from "../output/RecordFormat.js"

/** Every reason there is, from the library's own union. */
export const tags: ReadonlyArray<string> = Reason.Reason.members.flatMap((member) =>
  SchemaAST.getPropertySignatures(member.ast).flatMap(({ name, type }) =>
    name === "_tag" && SchemaAST.isLiteral(type) ? [String(type.literal)] : []
  )
)

const all = "all"
const status = /^Status:([1-9](?:xx|\d\d))$/

const parseOne = (text: string): Wanted | undefined => {
  if (text === all) return () => true
  if (tags.includes(text)) return ({ reason }) => reason === text
  const [, code] = status.exec(text) ?? []
  if (code === undefined) return undefined
  return code.endsWith("xx")
    ? ({ reason, status }) => reason === "Status" && Math.floor((status ?? 0) / 100) === Number(code[0])
    : ({ reason, status }) => reason === "Status" && status === Number(code)
}

const split = (text: string): ReadonlyArray<string> => text.split(",").map((part) => part.trim())

/** Which failures are meant; undefined for what is no list of reasons. Bad rows never are: they have nothing to fetch. */
export const parse = (text: string): Wanted | undefined => {
  const each = split(text).map(parseOne)
  return each.every((wanted) => wanted !== undefined)
    ? (found) => !found.ok && found.reason !== badRowReason && each.some((wanted) => wanted(found))
    : undefined
}

/** What is wrong with a text that is no list of reasons, and what it could be. */
export const problem = (text: string): string => {
  const wrong = split(text).find((part) => parseOne(part) === undefined) ?? ""
  const meant = wrong === badRowReason ? undefined : perhaps(wrong)
  const what = wrong === badRowReason
    ? "A bad row has nothing to fetch again"
    : `There is no reason ${wrong === "" ? "without a name" : wrong}${
      meant === undefined ? "" : `: perhaps ${meant} is meant`
    }`
  return `${what}. --retry-failed takes all, or reasons: ${tags.join(", ")}, Status:5xx, Status:404`
}

/** `5xx`, `503`, `status=5XX`, `HTTP 503` and the like. */
const looseStatus = /^(?:http|status)?[\s:=_-]*([1-9])(\d\d|xx|\*\*?|\?\?)$/i

const perhaps = (text: string): string | undefined => {
  const [, first, rest] = looseStatus.exec(text) ?? []
  if (first !== undefined) return `Status:${first}${/^\d/.test(rest!) ? rest : "xx"}`
  return Nearest.nearest(text.replace(/[\s_-]/g, ""), [all, ...tags])
}
