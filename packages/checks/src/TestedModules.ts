/**
 * Which modules have a test of their own. Source files and test files of
 * packages go in; the modules that no test names come out.
 *
 * A module is named by a test, or by what a test uses, that
 * - imports it for more than its types: by its path, by `#internal/…`, by its
 *   package's name and its own, or out of its package's index;
 * - imports a module which re-exports it;
 * - runs it as a program, by the URL of its compiled file;
 * - has its name and its folder, and runs a program of its package.
 *
 * A module without a function needs none: an index, types, a table.
 */
import * as Path from "node:path/posix"
import Ts from "typescript"
import type { SourceFile } from "./Sources.js"
import * as Sources from "./Sources.js"

/** A package of this repository; its files by their paths in it, without extension. */
export interface Package {
  readonly name: string
  readonly sources: ReadonlyArray<SourceFile>
  readonly tests: ReadonlyArray<SourceFile>
}

interface Reference {
  readonly specifier: string
  /** What is imported out of it; undefined for all of it. */
  readonly names: ReadonlyArray<string> | undefined
  readonly kind: "import" | "re-export" | "url"
}

const textOf = (node: Ts.Node | undefined): string | undefined =>
  node !== undefined && Ts.isStringLiteral(node) ? node.text : undefined

/** The names of a list in braces that are more than types, as the other module has them. */
const namesOf = (list: Ts.NamedImports | Ts.NamedExports): ReadonlyArray<string> => {
  const elements: ReadonlyArray<Ts.ImportSpecifier | Ts.ExportSpecifier> = [...list.elements]
  return elements.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name, propertyName }) => (propertyName ?? name).text)
}

const importOf = ({ importClause, moduleSpecifier }: Ts.ImportDeclaration): ReadonlyArray<Reference> => {
  const list = importClause?.namedBindings
  const names = list !== undefined && Ts.isNamedImports(list) ? namesOf(list) : undefined
  if (importClause?.isTypeOnly === true || names?.length === 0) return []
  return [{ specifier: textOf(moduleSpecifier)!, names, kind: "import" }]
}

const reExportOf = ({ exportClause, isTypeOnly, moduleSpecifier }: Ts.ExportDeclaration): ReadonlyArray<Reference> => {
  const specifier = textOf(moduleSpecifier)
  const names = exportClause !== undefined && Ts.isNamedExports(exportClause) ? namesOf(exportClause) : undefined
  return specifier === undefined || isTypeOnly || names?.length === 0 ? [] : [{ specifier, names, kind: "re-export" }]
}

const referencesOf = ({ name, text }: SourceFile): ReadonlyArray<Reference> => {
  const found: Array<Reference> = []
  const visit = (node: Ts.Node): void => {
    if (Ts.isImportDeclaration(node)) found.push(...importOf(node))
    else if (Ts.isExportDeclaration(node)) found.push(...reExportOf(node))
    else if (Ts.isCallExpression(node) && node.expression.kind === Ts.SyntaxKind.ImportKeyword) {
      const specifier = textOf(node.arguments[0])
      if (specifier !== undefined) found.push({ specifier, names: undefined, kind: "import" })
    } else if (Ts.isNewExpression(node) && node.expression.getText() === "URL") {
      const specifier = textOf(node.arguments?.[0])
      if (specifier?.startsWith(".") === true) found.push({ specifier, names: undefined, kind: "url" })
    }
    Ts.forEachChild(node, visit)
  }
  visit(Ts.createSourceFile(`${name}.ts`, text, Ts.ScriptTarget.ES2022, true))
  return found
}

/** By the names that an index gives modules: `export * as Name from "./Module.js"`. */
const aliasesOf = (index: SourceFile): ReadonlyMap<string, string> =>
  new Map(
    [...index.text.matchAll(/^export \* as (\w+) from "\.\/(.+)\.js"$/gm)].map(([, name, module]) =>
      [name!, module!] as const
    )
  )

/** Files of all packages by their paths in the repository. */
const pathsOf = (packages: ReadonlyArray<Package>): ReadonlyMap<string, SourceFile> =>
  new Map(packages.flatMap(({ name, sources, tests }) => [
    ...sources.map((file) => [`${name}/src/${file.name}`, file] as const),
    ...tests.map((file) => [`${name}/test/${file.name}`, file] as const)
  ]))

/** What a reference in a file is to. */
const targetsOf = (packages: ReadonlyArray<Package>, path: string, { names, specifier }: Reference) => {
  if (specifier.startsWith(".")) {
    const target = Path.join(Path.dirname(path), specifier).replace(/\.(js|ts|mjs)$/, "")
    return [target.replace("/dist/", "/src/")]
  }
  const own = path.split("/")[0]!
  if (specifier.startsWith("#internal/")) return [`${own}/src/internal/${specifier.slice("#internal/".length)}`]
  const imported = packages.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`))
  if (imported === undefined) return []
  if (specifier !== imported.name) return [`${imported.name}/src/${specifier.slice(imported.name.length + 1)}`]
  const index = imported.sources.find(({ name }) => name === "index")
  const aliases = index === undefined ? new Map<string, string>() : aliasesOf(index)
  return (names ?? []).flatMap((name) => aliases.has(name) ? [`${imported.name}/src/${aliases.get(name)!}`] : [])
}

const isTest = (path: string): boolean => path.split("/")[1] === "test"

/** The modules that no test names, by their paths. */
export const untested = (packages: ReadonlyArray<Package>): ReadonlyArray<string> => {
  const files = pathsOf(packages)
  const references = new Map(
    [...files].map(([path, file]) => {
      const all = referencesOf(file).filter(({ kind }) => isTest(path) || kind === "re-export")
      return [path, all.flatMap((of) => targetsOf(packages, path, of).map((target) => ({ target, kind: of.kind })))]
    })
  )
  const named = new Set([...files.keys()].filter(isTest))
  // A set gives what is added while it is gone through as well.
  for (const path of named) {
    for (const { target } of references.get(path) ?? []) if (files.has(target)) named.add(target)
  }
  const runsProgram = (path: string, seen = new Set<string>()): boolean =>
    !seen.has(path) && seen.add(path).size > 0 &&
    (references.get(path) ?? []).some(({ kind, target }) =>
      kind === "url" ? !isTest(target) && files.has(target) : isTest(target) && runsProgram(target, seen)
    )
  const hasNamesake = (path: string): boolean => {
    const test = `${path.replace("/src/", "/test/")}.test`
    return files.has(test) && runsProgram(test)
  }
  return [...files]
    .filter(([path, file]) => !isTest(path) && Sources.functionsOf(file).length > 0)
    .map(([path]) => path)
    .filter((path) => !named.has(path) && !hasNamesake(path))
}
