/**
 * The database of a cluster, as a URL is given for it: checked, and shown
 * without its password, which no message and no log repeats.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as CliError from "../CliError.js"

export interface ClusterUrl {
  readonly url: Redacted.Redacted
  /** Where it is, without the password and the options after `?`. */
  readonly shown: string
}

const hidden = "***"

/** The URL under the name of its flag or variable. The text is not repeated: there may be a password in it. */
export const parse = (name: string, text: string): Effect.Effect<ClusterUrl, CliError.Usage> => {
  const url = read(text)
  return url === undefined
    ? new CliError.Usage({
      message: `${name} takes the URL of a Postgres database, such as postgres://user@host:5432/database; ` +
        "special characters in a password are percent-encoded"
    })
    : Effect.succeed({ url: Redacted.make(text), shown: show(url) })
}

const read = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && ["postgres:", "postgresql:"].includes(url.protocol) ? url : undefined
}

const show = ({ host, password, pathname, protocol, username }: URL): string => {
  const user = password === "" ? username : `${username}:${hidden}`
  return `${protocol}//${user === "" ? "" : `${user}@`}${host}${pathname}`
}

/** The URL as it may be shown, or a text that is none as a whole hidden. */
export const redact = (text: string): string => {
  const url = read(text)
  return url === undefined ? hidden : show(url)
}

/** A message in which the password, in each way it can be written, and the URL are hidden. */
export const hide = ({ shown, url }: ClusterUrl, message: string): string => {
  const text = Redacted.value(url)
  const { password, searchParams } = new URL(text)
  const secrets = [password, decode(password), searchParams.get("password") ?? ""].filter((secret) => secret !== "")
  return secrets.reduce((hiding, secret) => hiding.replaceAll(secret, hidden), message.replaceAll(text, shown))
}

const decode = (password: string): string => {
  try {
    return decodeURIComponent(password)
  } catch {
    return password
  }
}
