/**
 * Text into a `URL`, where it is one.
 *
 * @since 0.1.0
 */

/**
 * Parses a URL, relative to `base` if there is one. Not by `URL.canParse`: in
 * Node 20 it is wrong about hosts with Latin-1 letters, once it is optimised.
 *
 * @since 0.1.0
 * @category parsing
 */
export const parse = (text: string, base?: string): URL | undefined => {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}
