/**
 * Which part of a package may import which. A package's rules go in, and its
 * files; every import that no rule allows comes out.
 */
import type { SourceFile } from "./Sources.js"
import * as Sources from "./Sources.js"

/** A name of a part, such as `internal/run`, and what it may import. */
interface Rule {
  /** Parts of the same package, single files of it, and packages with what of them: `fastget/platform/`. */
  readonly mayImport: ReadonlyArray<string>
}

export interface Package {
  readonly folder: string
  /** By part: a folder below `src`, the longest first that fits; `` is `src` itself. */
  readonly parts: Readonly<Record<string, Rule>>
  /** Packages of this repository. Of them only what a rule names may be imported; others are free. */
  readonly watched: ReadonlyArray<string>
}

export interface Violation {
  readonly file: string
  readonly imports: string
}

/** The part a file is in. */
export const partOf = (parts: Package["parts"], name: string): string => {
  const folder = name.split("/").slice(0, -1).join("/")
  const fitting = Object.keys(parts).filter((part) => part === "" || folder === part || folder.startsWith(`${part}/`))
  return fitting.sort((a, b) => b.length - a.length)[0] ?? folder
}

const isAllowed = (
  { parts, watched }: Package,
  part: string,
  imported: string,
  names: ReadonlySet<string>
): boolean => {
  const allowed = parts[part]?.mayImport ?? []
  if (names.has(imported)) {
    const target = partOf(parts, imported)
    return target === part || allowed.includes(imported) || allowed.includes(target === "" ? "(public)" : target)
  }
  const of = watched.find((name) => imported === name || imported.startsWith(`${name}/`))
  if (of === undefined) return true
  return allowed.some((pattern) => pattern.endsWith("/") ? imported.startsWith(pattern) : imported === pattern) ||
    allowed.some((pattern) => pattern.endsWith("/*") && isDirectlyIn(imported, pattern.slice(0, -1)))
}

/** `fastget/Entry` is directly in `fastget/`, `fastget/internal/run/Run` is not. */
const isDirectlyIn = (imported: string, folder: string): boolean =>
  imported.startsWith(folder) && !imported.slice(folder.length).includes("/")

/** The imports that no rule allows, and the parts that no rule knows. */
export const violations = (rules: Package, files: ReadonlyArray<SourceFile>): ReadonlyArray<Violation> => {
  const names = new Set(files.map(({ name }) => name))
  return files.flatMap((file) => {
    const part = partOf(rules.parts, file.name)
    return Sources.importsOf(file)
      .filter((imported) => !isAllowed(rules, part, imported, names))
      .map((imported) => ({ file: file.name, imports: imported }))
  })
}
