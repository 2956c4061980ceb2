/**
 * What a layer says to the HTTP client of its worker threads, beside the
 * options that every client has. The options of a layer come in; checked and as
 * plain data, which crosses to a thread, they go out.
 */
import * as Config from "effect/Config"
import * as Either from "effect/Either"
import * as FastGetConfig from "fastget/FastGetConfig"
import type * as OptionField from "fastget/platform/OptionField"
import * as OptionTable from "fastget/platform/OptionTable"
import * as AddressGuard from "../sockets/AddressGuard.js"
import type * as Sockets from "../sockets/Sockets.js"
import { fields } from "./ClientFields.js"
import * as Pem from "./Pem.js"

type Fields = typeof fields

type Name = keyof Fields

/**
 * An authority of your own (`ca`, in place of those that Node knows), or a
 * client's certificate with its key: in PEM, or both as `pfx`. Secrets may be
 * `Redacted`.
 */
type TlsOptions = {
  readonly [K in Name as K extends `client.tls.${infer N}` ? N : never]?: OptionField.InputOf<Fields[K]>
}

/**
 * Options of the default worker's client: limits of time and size, proxies, and
 * certificates. Peers are verified in any case.
 */
export type ClientOptions =
  & {
    readonly [K in Name as K extends `client.tls.${string}` ? never : K extends `client.${infer N}` ? N : never]?:
      OptionField.InputOf<Fields[K]>
  }
  & { readonly tls?: TlsOptions }

/** The same as a thread gets them: durations in milliseconds, secrets in the clear. */
export interface ThreadOptions extends
  Pick<
    Sockets.Options,
    "connectTimeout" | "denyPrivate" | "dnsTtl" | "maxHeaderBytes" | "proxyFromEnv" | "tls"
  >
{
  readonly headersTimeout?: number
  readonly bodyTimeout?: number
}

const client = "client."
const clientTls = "client.tls."

const tlsNames = Object.keys(fields).filter((name) => name.startsWith(clientTls)).map((name) =>
  name.slice(clientTls.length)
)

const names = [
  ...Object.keys(fields).filter((name) => !name.startsWith(clientTls)).map((name) => name.slice(client.length)),
  "tls"
]

/**
 * The options of a thread's client, or the first that can't be. No secret is
 * repeated there.
 */
export const resolve = (
  options: ClientOptions,
  { connectTimeout, denyPrivate }: FastGetConfig.Settings
): Either.Either<ThreadOptions, FastGetConfig.InvalidOption> =>
  Either.gen(function*() {
    yield* OptionTable.onlyKnown(options, names, client)
    const { tls, ...given } = options
    const resolved: ThreadOptions = {
      connectTimeout,
      denyPrivate,
      ...(yield* values(given, client)),
      ...(tls === undefined ? undefined : { tls: yield* resolveTls(tls) })
    }
    yield* AddressGuard.fromOptions(resolved)
    return resolved
  })

/** The values of what is given; what is undefined is not given. */
const values = (
  given: object,
  prefix: string
): Either.Either<Readonly<Record<string, unknown>>, FastGetConfig.InvalidOption> =>
  Either.gen(function*() {
    const values: Record<string, unknown> = {}
    for (const [name, input] of Object.entries(given)) {
      if (input === undefined) continue
      const option = `${prefix}${name}`
      // The names are known to be of the table.
      const field = fields[option as Name] as OptionField.OptionField<unknown, unknown>
      values[name] = yield* OptionTable.check(option, field, input)
    }
    return values
  })

const resolveTls = (given: TlsOptions): Either.Either<Sockets.TlsOptions, FastGetConfig.InvalidOption> =>
  Either.gen(function*() {
    yield* OptionTable.onlyKnown(given, tlsNames, clientTls)
    const tls: Sockets.TlsOptions = yield* values(given, clientTls)
    yield* fitTogether(tls)
    return tls
  })

/** Each part alone, so that the one which can't be is named; then all of them. */
const fitTogether = (tls: Sockets.TlsOptions): Either.Either<void, FastGetConfig.InvalidOption> => {
  const { cert, key, passphrase, pfx } = tls
  const secret = passphrase === undefined ? undefined : { passphrase }
  const withPassphrase = passphrase === undefined ? " that needs no passphrase" : " and its passphrase"
  const alone = (name: "client.tls.cert" | "client.tls.key" | "client.tls.pfx", more = withPassphrase) =>
    Either.left(invalid(name, fields[name].redactedAs ?? "", `${fields[name].range}${more}`))
  if (cert !== undefined && !Pem.isUsable({ cert })) return alone("client.tls.cert", "")
  if (key !== undefined && !Pem.isUsable({ key, ...secret })) return alone("client.tls.key")
  if (pfx !== undefined && !Pem.isUsable({ pfx, ...secret })) return alone("client.tls.pfx")
  return Pem.isUsable(tls)
    ? Either.void
    : Either.left(invalid("client.tls.key", "the given key", "the key of the given certificate"))
}

const invalid = (option: string, value: string, range: string) =>
  new FastGetConfig.InvalidOption({ option, value, range })

/** Those that are set in the environment: `FASTGET_DNS_TTL`, `FASTGET_CA` (a file), and so on. */
export const fromEnv: Config.Config<ClientOptions> = Config.map(OptionTable.fromEnv(fields), (given) => {
  const options: Record<string, unknown> = {}
  const tls: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith(clientTls)) tls[name.slice(clientTls.length)] = value
    else options[name.slice(client.length)] = value
  }
  return Object.keys(tls).length === 0 ? options : { ...options, tls }
})
