/**
 * The command line that goes on with a run, for the summary. A header that
 * holds its value in the clear is not repeated.
 */

const quote = (argument: string): string =>
  /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`

const withoutSecret = (header: string): string =>
  header.includes("${") || !header.includes(":") ? header : `${header.slice(0, header.indexOf(":"))}: ***`

/** Where the output is a file. */
export const command = (argv: ReadonlyArray<string>): string => {
  const args = argv.filter((argument) => argument !== "--overwrite").map((argument, index, all) => {
    const [, name, value] = /^(-H|--header=)(.+)$/s.exec(argument) ?? []
    if (name !== undefined) return `${name}${withoutSecret(value!)}`
    return all[index - 1] === "-H" || all[index - 1] === "--header" ? withoutSecret(argument) : argument
  })
  const goesOn = args.includes("--resume") || args.some((argument) => argument.startsWith("--retry-failed"))
  return ["fastget", ...args, ...(goesOn ? [] : ["--resume"])].map(quote).join(" ")
}
