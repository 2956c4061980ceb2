/**
 * The source files of a folder: their names come out relative to it, with what
 * each imports and the functions in it.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import Ts from "typescript"

export interface SourceFile {
  /** Relative to the folder, with forward slashes and without extension: `internal/run/Run`. */
  readonly name: string
  readonly text: string
}

/** All `.ts` files below a folder. */
export const read = (folder: string): ReadonlyArray<SourceFile> =>
  Fs.readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .map((file) => ({
      name: file.replaceAll(Path.sep, "/").slice(0, -".ts".length),
      text: Fs.readFileSync(Path.join(folder, file), "utf8")
    }))

/** What a file imports, type imports and re-exports included; its own folder's files by their names. */
export const importsOf = ({ name, text }: SourceFile): ReadonlyArray<string> =>
  Ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) =>
    fileName.startsWith(".")
      ? Path.posix.join(Path.posix.dirname(name), fileName).replace(/\.js$/, "")
      : fileName
  )

/** What a file imports or re-exports at its top for more than its types. */
export const valueImportsOf = ({ name, text }: SourceFile): ReadonlyArray<string> =>
  Ts.createSourceFile(`${name}.ts`, text, Ts.ScriptTarget.ES2022).statements.flatMap((statement) => {
    const isOfValues = Ts.isImportDeclaration(statement)
      ? statement.importClause?.isTypeOnly !== true
      : Ts.isExportDeclaration(statement) && !statement.isTypeOnly
    if (!isOfValues) return []
    const { moduleSpecifier } = statement as Ts.ImportDeclaration | Ts.ExportDeclaration
    return moduleSpecifier === undefined ? [] : [(moduleSpecifier as Ts.StringLiteral).text]
  })

export interface FunctionLength {
  readonly line: number
  readonly lines: number
  /** The comments right before the function, or before the statement that it is in. */
  readonly comment: string
}

/** Every function with a body, the outer ones first. */
export const functionsOf = ({ name, text }: SourceFile): ReadonlyArray<FunctionLength> => {
  const source = Ts.createSourceFile(`${name}.ts`, text, Ts.ScriptTarget.ES2022, true)
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1
  const found: Array<FunctionLength> = []
  const visit = (node: Ts.Node, commented: Ts.Node): void => {
    const carrier = Ts.isStatement(node) || Ts.isClassElement(node) || Ts.isPropertyAssignment(node) ? node : commented
    if (Ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const line = lineOf(node.getStart())
      found.push({
        line,
        lines: lineOf(node.end) - line + 1,
        comment: text.slice(carrier.getFullStart(), carrier.getStart())
      })
    }
    Ts.forEachChild(node, (child) => visit(child, carrier))
  }
  visit(source, source)
  return found
}
