/**
 * What does not go into a recording: headers that are secrets by their nature,
 * those of the connection, and what the user takes out.
 */

/** What the user takes out. */
export interface Redact {
  readonly url?: ((url: string) => string) | undefined
  readonly headers?: ReadonlyArray<string> | undefined
  readonly body?: ((body: string, url: URL) => string) | undefined
}

export interface Redaction {
  /** Its form in the recording. A fragment is not sent, and so is not kept. */
  readonly url: (url: URL) => string
  /** Those that are kept; with `isWhole` the body is in the recording as it is, decoded. */
  readonly headers: (
    headers: Readonly<Record<string, string>>,
    isWhole: boolean,
    target: URL
  ) => Record<string, string>
  readonly body: (body: string, url: URL) => string
}

/** Of a session or of who asks. */
const secrets = [
  "authorization",
  "authentication-info",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "set-cookie",
  "set-cookie2",
  "www-authenticate"
]

/** Those that are URLs, which are taken out of as those of requests are. */
const urls = ["content-location", "location"]

/** Of the connection, of which there is none when a recording is played. */
const ofConnection = ["alt-svc", "connection", "keep-alive", "trailer", "transfer-encoding", "upgrade"]

/** Of the body as it was on its way: what is kept is decoded. */
const ofCoding = ["content-encoding", "content-length"]

export const make = ({ body, headers = [], url }: Redact): Redaction => {
  const left = new Set([...secrets, ...ofConnection, ...headers.map((name) => name.toLowerCase())])
  const redactUrl = (target: URL): string => {
    const whole = new URL(target)
    whole.hash = ""
    whole.username = ""
    whole.password = ""
    return url === undefined ? whole.href : url(whole.href)
  }
  return {
    url: redactUrl,
    headers: (given, isWhole, target) =>
      Object.fromEntries(
        Object.entries(given).filter(([name]) => !left.has(name) && !(isWhole && ofCoding.includes(name))).sort()
          .map(([name, value]) =>
            [
              name,
              urls.includes(name) && URL.canParse(value, target) ? redactUrl(new URL(value, target)) : value
            ] as const
          )
      ),
    body: (text, target) => body === undefined ? text : body(text, target)
  }
}
