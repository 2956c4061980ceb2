/**
 * What a layer says to the HTTP client of its worker threads, beside the
 * options that every client has. The options of a layer come in; checked and as
 * plain data, which crosses to a thread, they go out.
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as FastGetConfig from "fastget/FastGetConfig"
import { perhaps } from "fastget/platform/Nearest"
import * as AddressGuard from "../sockets/AddressGuard.js"
import type * as Sockets from "../sockets/Sockets.js"
import type { GetOptions } from "./GetOptions.js"

/**
 * Options of the default worker's client.
 */
export interface ClientOptions {
  /** From a request to the whole headers; default: `timeout` bounds it alone. */
  readonly headersTimeout?: Duration.DurationInput
  /** Between two parts of a body; default: `timeout` bounds it alone. */
  readonly bodyTimeout?: Duration.DurationInput
  /** For how long a resolved host name is good; default 10 seconds. */
  readonly dnsTtl?: Duration.DurationInput
  /** The most bytes of an answer's headers; default 16,384. */
  readonly maxHeaderBytes?: number
  /** Whether to obey HTTP_PROXY, HTTPS_PROXY and NO_PROXY; default false. */
  readonly proxyFromEnv?: boolean
  /** Certificates; peers are verified in any case. */
  readonly tls?: TlsOptions
}

/**
 * An authority of your own (`ca`, in place of those that Node knows), or a
 * client's certificate with its key. Secrets may be `Redacted`.
 */
interface TlsOptions {
  /** In PEM. */
  readonly ca?: string | ReadonlyArray<string>
  /** In PEM. */
  readonly cert?: string
  /** In PEM. */
  readonly key?: string | Redacted.Redacted<string>
  readonly passphrase?: string | Redacted.Redacted<string>
  /** A certificate and its key, in PKCS 12. */
  readonly pfx?: Uint8Array | Redacted.Redacted<Uint8Array>
  /** The name to ask for and to verify, if it is not that of the URL. */
  readonly servername?: string
}

/**
 * The options of a thread's client, or the first that is invalid. Its error
 * contains no secret.
 */
export const resolve = (
  client: ClientOptions,
  { connectTimeout, denyPrivate }: FastGetConfig.Settings
): Either.Either<GetOptions, FastGetConfig.InvalidOption> =>
  Either.gen(function*() {
    yield* onlyKnown("client", client, names)
    const { maxHeaderBytes, proxyFromEnv } = client
    if (proxyFromEnv !== undefined && typeof proxyFromEnv !== "boolean") {
      return yield* Either.left(invalid("proxyFromEnv", JSON.stringify(proxyFromEnv), "true or false"))
    }
    if (maxHeaderBytes !== undefined && !(Number.isInteger(maxHeaderBytes) && maxHeaderBytes > 0)) {
      return yield* Either.left(invalid("maxHeaderBytes", String(maxHeaderBytes), "a whole number from 1"))
    }
    const options: GetOptions = {
      connectTimeout,
      denyPrivate,
      ...(yield* millis(client, "headersTimeout")),
      ...(yield* millis(client, "bodyTimeout")),
      ...(yield* millis(client, "dnsTtl")),
      ...(maxHeaderBytes === undefined ? undefined : { maxHeaderBytes }),
      ...(proxyFromEnv === undefined ? undefined : { proxyFromEnv }),
      ...(client.tls === undefined ? undefined : { tls: yield* plainTls(client.tls) })
    }
    yield* AddressGuard.fromOptions(options)
    return options
  })

const names = [
  "headersTimeout",
  "bodyTimeout",
  "dnsTtl",
  "maxHeaderBytes",
  "proxyFromEnv",
  "tls"
] satisfies ReadonlyArray<keyof ClientOptions>

const tlsNames = [
  "ca",
  "cert",
  "key",
  "passphrase",
  "pfx",
  "servername"
] satisfies ReadonlyArray<keyof TlsOptions>

/** An error for a misspelt option, which would be ignored otherwise. Its value is left out, since it may be a secret. */
const onlyKnown = (
  of: string,
  given: object,
  names: ReadonlyArray<string>
): Either.Either<void, FastGetConfig.InvalidOption> => {
  const unknown = Object.entries(given).find(([name, value]) => value !== undefined && !names.includes(name))
  if (unknown === undefined) return Either.void
  const problem = `there is no such option${perhaps(unknown[0], names)}`
  return Either.left(
    new FastGetConfig.InvalidOption({ option: `${of}.${unknown[0]}`, value: "given here", problem, range: "" })
  )
}

const invalid = (option: string, value: string, range: string) =>
  new FastGetConfig.InvalidOption({ option: `client.${option}`, value, range })

/** The longest delay a timer takes. */
const longestTimer = 2 ** 31 - 1

const millis = <K extends "headersTimeout" | "bodyTimeout" | "dnsTtl">(client: ClientOptions, name: K) => {
  const input = client[name]
  if (input === undefined) return Either.right({})
  const value = Option.map(Duration.decodeUnknown(input), Duration.toMillis)
  return value._tag === "Some" && value.value > 0 && value.value <= longestTimer
    ? Either.right({ [name]: value.value })
    : Either.left(invalid(name, JSON.stringify(input), "a duration above 0, at most 24 days"))
}

const plain = <A>(value: A | Redacted.Redacted<A>): A => Redacted.isRedacted(value) ? Redacted.value(value) : value

const plainTls = (given: TlsOptions): Either.Either<Sockets.TlsOptions, FastGetConfig.InvalidOption> => {
  const known = onlyKnown("client.tls", given, tlsNames)
  if (known._tag === "Left") return Either.left(known.left)
  const { ca, cert, key, passphrase, pfx, servername } = given
  const tls = {
    ...(ca === undefined ? undefined : { ca: typeof ca === "string" ? ca : [...ca] }),
    ...(cert === undefined ? undefined : { cert }),
    ...(key === undefined ? undefined : { key: plain(key) }),
    ...(passphrase === undefined ? undefined : { passphrase: plain(passphrase) }),
    ...(pfx === undefined ? undefined : { pfx: Buffer.from(plain(pfx)) }),
    ...(servername === undefined ? undefined : { servername })
  }
  return Either.try({
    // Here it is told once; in the threads each request would fail.
    try: () => {
      // Loaded here and not at the start: few programs give certificates.
      process.getBuiltinModule("node:tls").createSecureContext(tls)
      return tls
    },
    catch: () =>
      invalid("tls", "the given certificates and keys", "what OpenSSL can read, and a key that fits its certificate")
  })
}
