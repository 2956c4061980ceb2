/**
 * What the headers of an answer say of how its body is coded: `Content-Encoding`
 * and `Transfer-Encoding`. A value of theirs comes in; what follows from it goes
 * out.
 *
 * @since 0.1.0
 */

/** What is undone, where the platform can. */
const known = new Set(["gzip", "x-gzip", "deflate", "br", "zstd"])

const listed = (value: string): ReadonlyArray<string> => value.toLowerCase().split(",").map((name) => name.trim())

/**
 * The codings of a `Content-Encoding` that are undone, in the order in which
 * they were applied. Names that nobody knows are no codings: `none`, `utf-8` and
 * `aws-chunked` come with bodies that are plain, and `fetch` gives those as they
 * are.
 *
 * @since 0.1.0
 * @category parsing
 */
export const contentCodings = (value: string): ReadonlyArray<string> => listed(value).filter((name) => known.has(name))

/** The most that is told of a header. */
const longestClaim = 100

/**
 * What a `Content-Encoding` says, if there is a name in it that nobody knows.
 *
 * @since 0.1.0
 * @category parsing
 */
export const unknownContentCoding = (value: string | undefined): string | undefined =>
  value === undefined || listed(value).every((name) => name === "" || name === "identity" || known.has(name))
    ? undefined
    : value.slice(0, longestClaim)

/**
 * Whether a `Transfer-Encoding`, all lines of it as one list, leaves the body as
 * it was: it is chunked, or nothing is done to it. After any other coding the
 * bytes are not those of the body, and after one that comes behind the chunks
 * these are in them, too.
 *
 * @since 0.1.0
 * @category parsing
 */
export const isPlainTransfer = (value: string): boolean => {
  const names = listed(value)
  return names.every((name) => name === "" || name === "identity" || name === "chunked") &&
    (!names.includes("chunked") || names.at(-1) === "chunked")
}

/**
 * In words, why a body can't be read after such a `Transfer-Encoding`.
 *
 * @since 0.1.0
 * @category formatting
 */
export const refusedTransfer = (value: string): string =>
  `the transfer coding ${JSON.stringify(value.slice(0, longestClaim))} was not asked for and is not undone`
