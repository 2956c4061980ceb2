/**
 * HTML as a type of its own, so that text gets into a page only escaped.
 */

/** Markup that is safe to put into a page as it is. */
export interface Html {
  readonly _tag: "Html"
  readonly markup: string
}

type Part = Html | string | number | ReadonlyArray<Html>

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\"": "&quot;",
  "'": "&#39;"
}

/** What is put in is escaped for text and for quoted attributes, unless it is `Html`. */
export const html = (template: TemplateStringsArray, ...parts: ReadonlyArray<Part>): Html => ({
  _tag: "Html",
  markup: template.reduce((all, text, index) => `${all}${index === 0 ? "" : markupOf(parts[index - 1]!)}${text}`, "")
})

/** Markup from this program, not from anyone's data. */
export const trusted = (markup: string): Html => ({ _tag: "Html", markup })

export const empty: Html = trusted("")

const markupOf = (part: Part): string => {
  if (typeof part === "object") return "markup" in part ? part.markup : part.map(({ markup }) => markup).join("")
  return String(part).replace(/[&<>"']/g, (character) => escapes[character]!)
}
