/**
 * All files that a run names or makes, and what it uses them for.
 */
import * as Effect from "effect/Effect"
import * as CliError from "../CliError.js"
import * as Journal from "./Journal.js"
import * as OutputLock from "./OutputLock.js"
import * as SameFile from "./SameFile.js"
import * as Target from "./Target.js"

export interface Named {
  readonly inputs: ReadonlyArray<string>
  readonly headerFiles: ReadonlyArray<string>
  readonly limits: string | undefined
  readonly output: Target.Target
  readonly errors: Target.Target | undefined
  readonly summary: Target.Target | undefined
  readonly report: Target.Target | undefined
  readonly folder: string | undefined
}

const standardInput = "-"

const reading = (role: string) => (name: string): SameFile.Use => {
  const descriptor = name === standardInput && role === "the input" ? 0 : Target.descriptorOf(name)
  return descriptor === 0
    ? { role: "stdin", name: "stdin", access: "read", descriptor }
    : { role, name, access: "read", descriptor }
}

const writing = (role: string, target: Target.Target | undefined): ReadonlyArray<SameFile.Use> => {
  if (target === undefined) return []
  return target._tag === "PlainFile"
    ? [{ role, name: target.name, access: "write", descriptor: undefined }]
    : [{
      role: target.name === "stdout" ? target.name : role,
      name: target.name,
      access: "write",
      descriptor: target.descriptor
    }]
}

/** Files beside an output that FastGet makes for itself. */
const beside = (
  target: Target.Target | undefined,
  files: ReadonlyArray<(name: string) => string>
): ReadonlyArray<SameFile.Use> =>
  target?._tag !== "PlainFile" ? [] : files.map((nameOf) => ({
    role: `what FastGet keeps beside ${target.name},`,
    name: nameOf(target.path),
    access: "write",
    descriptor: undefined
  }))

/** stderr, where it is a file: it gets the progress and the summary. */
const stderr: SameFile.Use = { role: "stderr", name: "stderr", access: "write", descriptor: 2 }

const uses = (
  { errors, folder, headerFiles, inputs, limits, output, report, summary }: Named
): ReadonlyArray<SameFile.Use> => [
  ...inputs.map(reading("the input")),
  ...headerFiles.map(reading("--header-file")),
  ...(limits === undefined ? [] : [reading("--limits")(limits)]),
  ...writing("--output", output),
  ...writing("--errors", errors),
  ...writing("--summary", summary),
  ...writing("--report", report),
  ...(folder === undefined
    ? []
    : [{ role: "--output-dir", name: folder, access: "write" as const, descriptor: undefined }]),
  stderr,
  ...beside(output, [Journal.retryName, Journal.nextName, OutputLock.nameOf]),
  ...beside(errors, [Journal.nextName, OutputLock.nameOf]),
  ...beside(summary, [OutputLock.nameOf]),
  ...beside(report, [OutputLock.nameOf])
]

/** Fails where two of the files are the same. */
export const check = (named: Named): Effect.Effect<void, CliError.Usage> =>
  Effect.suspend(() => {
    const message = SameFile.conflict(uses(named))
    return message === undefined ? Effect.void : new CliError.Usage({ message })
  })

/** The names of all but the descriptors and the folder. */
export const names = (named: Named): ReadonlyArray<string> =>
  uses(named).filter(({ descriptor, role }) => descriptor === undefined && role !== "--output-dir").map(({ name }) =>
    name
  )
