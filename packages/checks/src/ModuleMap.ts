/**
 * The parts of docs/architecture.md that are made of the code: which part of a
 * package may import which, and what each module is, by the first sentence of its
 * header. Rules and source files come in, Markdown goes out.
 */
import * as Arrows from "./Arrows.js"
import type { SourceFile } from "./Sources.js"
import * as Sources from "./Sources.js"

/** Modules of Effect that hold or describe values, and run nothing. */
const dataModules = new Set(
  ["Array", "Chunk", "Data", "Duration", "Either", "Option", "Predicate", "Redacted", "Tuple"].map((name) =>
    `effect/${name}`
  )
)

/** What a module takes of Effect: nothing, types, types and plain data, or more. */
export type EffectUse = "none" | "types" | "data" | "Effect"

const ofEffect = (name: string): boolean => name.startsWith("effect/") || name.startsWith("@effect/")

export const effectUse = (file: SourceFile): EffectUse => {
  const values = Sources.valueImportsOf(file).filter(ofEffect)
  if (values.length > 0) return values.every((name) => dataModules.has(name)) ? "data" : "Effect"
  return Sources.importsOf(file).some(ofEffect) ? "types" : "none"
}

/** The first sentence of a module's header, without its full stop. */
export const firstSentence = ({ name, text }: SourceFile): string => {
  const [, header] = /^(?:#!.*\n)?\/\*\*\n?([^]*?)\*\//.exec(text) ?? []
  const paragraph = (header ?? "").replace(/^ *\* ?/gm, "").trim().split(/\n *\n/)[0]!.replace(/\s+/g, " ")
  const [, sentence] = /^(.*?)\.(?= |$)/.exec(paragraph) ?? []
  if (sentence === undefined) throw new Error(`${name} has no header that begins with a sentence`)
  return sentence.replace(/\{@link (\w+)\}/g, "`$1`")
}

const code = (name: string): string => `\`${name}\``

const packageName = ({ folder }: Arrows.Package): string => folder.split("/")[1]!

const partName = (part: string): string => part === "" ? "the root of `src`" : code(`${part}/`)

/** For each part of a package, what its rule allows it to import. `models` are named as one where all of them are. */
export const arrows = (rules: Arrows.Package, models: ReadonlyArray<string>): string => {
  const targets = (mayImport: ReadonlyArray<string>): string => {
    const hasModels = models.every((name) => mayImport.includes(name))
    const rest = hasModels ? mayImport.filter((name) => !models.includes(name)) : mayImport
    const named = rest.map((target) => code(target in rules.parts ? `${target}/` : target))
    return [...named, ...hasModels ? ["the models"] : []].join(", ") || "nothing"
  }
  const lines = Object.entries(rules.parts).map(([part, { mayImport }]) => `- ${partName(part)}: ${targets(mayImport)}`)
  return `### The parts of ${code(packageName(rules))}\n\n${lines.join("\n")}`
}

/** A list of modules for each part of a package, in the order of its rules. */
export const modules = (rules: Arrows.Package, files: ReadonlyArray<SourceFile>): string => {
  const sections = Object.keys(rules.parts).map((part) => {
    const lines = files
      .filter(({ name }) => Arrows.partOf(rules.parts, name) === part)
      .map((file) => {
        const use = effectUse(file)
        const name = code(file.name.slice(part === "" ? 0 : part.length + 1))
        return `- ${name}${use === "none" ? "" : ` (${use})`}: ${firstSentence(file)}`
      })
    const title = part === "" ? code(packageName(rules)) : `${code(packageName(rules))}: ${code(`${part}/`)}`
    return `### ${title}\n\n${lines.join("\n")}`
  })
  return sections.join("\n\n")
}

/** A document with what stands between the markers of a name replaced. */
export const replaceBetween = (document: string, name: string, content: string): string => {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
  const [before, rest] = document.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`no ${begin} followed by ${end}`)
  return `${before}${begin}\n\n${content}\n\n${end}${after}`
}
