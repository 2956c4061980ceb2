/**
 * Where the program calls the library, for the span of the run: the first line
 * of the stack that is not in this package.
 */

/** The folders of this package, as a stack shows them: with source maps it is that of the sources. */
const root = import.meta.url.replace(/(?:dist|src)\/internal\/run\/[^/]*$/, "").replace(/^file:\/\//, "")
const own = [`${root}dist/`, `${root}src/`]

/** To be called by the call whose place is wanted. The text is made when it is asked for. */
export const make = (): () => string | undefined => {
  const { stack } = new Error()
  return () => stack?.split("\n").slice(1).find((line) => !own.some((folder) => line.includes(folder)))?.trim()
}
