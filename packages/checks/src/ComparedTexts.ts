/**
 * The texts by which a module tells cases apart: those of its sets, of its
 * `case` clauses and comparisons, codes in capital letters wherever they stand,
 * and the alternatives of its patterns. A test with a table can be held to them:
 * a new text needs a new row.
 */
import Ts from "typescript"
import type { SourceFile } from "./Sources.js"

export interface ComparedText {
  readonly text: string
  readonly matches: (value: string) => boolean
  /** Whether only the text itself is meant, and no value that has it in it. */
  readonly isWhole: boolean
}

const whole = (text: string): ComparedText => ({ text, matches: (value) => value === text, isWhole: true })

const part = (text: string, matches: ComparedText["matches"]): ComparedText => ({ text, matches, isWhole: false })

/** The alternatives of `^(A|B_)$` and `^(A|B_)`. One without an operator is the whole value, where the pattern ends. */
const alternativesOf = (literal: string): ReadonlyArray<ComparedText> => {
  const [, alternatives, end] = /^\/\^\(([^()]*)\)(\$?)\/$/.exec(literal) ?? []
  return (alternatives ?? "").split("|").filter((text) => text !== "").map((text) => {
    const word = text.replace(/\$$/, "")
    if (/^\w+$/.test(word) && (end === "$" || word !== text)) return whole(word)
    const pattern = new RegExp(`^${text}${end}`)
    return part(text, (value) => pattern.test(value))
  })
}

const methods: Readonly<Record<string, (text: string) => ComparedText>> = {
  includes: (text) => part(text, (value) => value.includes(text)),
  startsWith: (text) => part(text, (value) => value.startsWith(text)),
  endsWith: (text) => part(text, (value) => value.endsWith(text))
}

const equalities = new Set([
  Ts.SyntaxKind.EqualsEqualsEqualsToken,
  Ts.SyntaxKind.ExclamationEqualsEqualsToken
])

const textsOf = (node: Ts.Node): ReadonlyArray<ComparedText> => {
  if (Ts.isRegularExpressionLiteral(node)) return alternativesOf(node.text)
  if (!Ts.isStringLiteral(node) || node.text === "") return []
  const { parent, text } = node
  if (Ts.isCallExpression(parent) && Ts.isPropertyAccessExpression(parent.expression)) {
    const compared = methods[parent.expression.name.text]
    return compared === undefined ? [] : [compared(text)]
  }
  return isCompared(node) || /^[A-Z][A-Z0-9_]{3,}$/.test(text) ? [whole(text)] : []
}

const isCompared = ({ parent }: Ts.StringLiteral): boolean =>
  Ts.isCaseClause(parent) ||
  (Ts.isBinaryExpression(parent) && equalities.has(parent.operatorToken.kind)) ||
  (Ts.isArrayLiteralExpression(parent) && Ts.isNewExpression(parent.parent))

/** The types of JavaScript's values: `typeof value === "string"` tells no case apart. */
const types = new Set(["string", "number", "boolean", "object", "function", "undefined"])

/** All of them, in their order. */
export const of = ({ name, text }: SourceFile): ReadonlyArray<ComparedText> => {
  const found: Array<ComparedText> = []
  const visit = (node: Ts.Node): void => {
    found.push(...textsOf(node))
    Ts.forEachChild(node, visit)
  }
  visit(Ts.createSourceFile(`${name}.ts`, text, Ts.ScriptTarget.ES2022, true))
  return found.filter(({ text }) => !types.has(text))
}
