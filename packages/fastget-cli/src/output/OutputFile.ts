/**
 * One output of a run and how records are written there, which its name says
 * where no flag does.
 */
import * as Fs from "node:fs"
import * as OutputName from "./OutputName.js"
import type * as RecordFile from "./RecordFile.js"
import type { RecordFormat } from "./RecordFormat.js"
import * as Target from "./Target.js"

export interface OutputFile {
  readonly target: Target.Target
  readonly kind: OutputName.Kind
  readonly records: RecordFormat
  readonly isGzip: boolean
}

export interface Plain extends OutputFile {
  readonly target: Target.PlainFile
}

export const isPlain = (file: OutputFile): file is Plain => file.target._tag === "PlainFile"

/** `kind` counts more than the name. */
export const make = (
  target: Target.Target,
  kind: OutputName.Kind,
  records: (kind: OutputName.Kind) => RecordFormat
): OutputFile => ({ target, kind, records: records(kind), isGzip: OutputName.read(target.name).isGzip })

export const recordFile = ({ isGzip, records, target }: Plain): RecordFile.RecordFile => ({
  path: target.path,
  format: records,
  isGzip
})

interface Outputs {
  readonly file: OutputFile
  readonly errors: OutputFile | undefined
  readonly mode: "new" | "overwrite" | "resume"
}

const all = ({ errors, file }: Outputs): ReadonlyArray<OutputFile> => errors === undefined ? [file] : [file, errors]

export const areFiles = (outputs: Outputs): boolean => all(outputs).every(isPlain)

/** Why a run can't be resumed with these outputs; undefined where it can. */
export const problemOfResuming = ({ errors, file }: Omit<Outputs, "mode">): string | undefined => {
  const stream = [file, errors].find((output) => output !== undefined && !isPlain(output))
  if (stream !== undefined) {
    return `--resume and --retry-failed read what is there already, and ${stream.target.name} is no plain file`
  }
  return errors === undefined || errors.kind === file.kind
    ? undefined
    : "--resume and --retry-failed need --output and --errors in the same format: add --output-format"
}

/** Why a new output can't be: something is there already. */
export const existing = (outputs: Outputs): string | undefined => {
  if (outputs.mode !== "new") return undefined
  const file = all(outputs).filter(isPlain).find(({ target }) => hasContent(target.path))
  return file === undefined
    ? undefined
    : `${file.target.path} is there already: --resume goes on with it, --overwrite replaces it`
}

const hasContent = (path: string): boolean => {
  // What can't be looked at can't be opened either, and the error of opening it says why.
  try {
    const stat = Fs.statSync(path, { throwIfNoEntry: false })
    return stat !== undefined && stat.isFile() && stat.size > 0
  } catch {
    return false
  }
}
