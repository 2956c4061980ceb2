/**
 * The options of the threads' HTTP client, beside those that every client has,
 * as fields of the same kind as those of `FastGetConfig`. Their types, the
 * environment, the docs and the command's flags are made of them. From the
 * environment certificates and keys are read as files.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as OptionField from "fastget/platform/OptionField"
import * as Fs from "node:fs"
import * as Head from "../sockets/Head.js"
import * as Pem from "./Pem.js"

type Secret<A> = A | Redacted.Redacted<A>

const plain = <A>(value: Secret<A>): A => Redacted.isRedacted(value) ? Redacted.value(value) : value

const readFile = (path: string): Either.Either<Uint8Array, string> =>
  Either.try({
    try: () => Fs.readFileSync(path),
    catch: (error) =>
      `it can't be read: ${error instanceof Error ? error.message.replace(/, [a-z]+(?: '.*)?$/s, "") : error}`
  })

/** What the file that a variable names is made to. Like any `Config`, it is read where the layer is made. */
const fileConfig = <A>(range: string, read: (content: Uint8Array) => A | undefined) => (name: string) =>
  Config.mapOrFail(Config.string(name), (path) =>
    readFile(path.trim()).pipe(
      Either.flatMap((content) => Either.fromNullable(read(content), () => "its content is something else")),
      Either.mapLeft((problem) =>
        ConfigError.InvalidData([], `${name} can't be ${JSON.stringify(path)}: ${problem}; it takes ${range}`)
      )
    ))

const textOf = (content: Uint8Array): string => new TextDecoder().decode(content)

interface FileOptions<Input, Value> {
  /** What it is, in the plural of a sentence: "certificates in PEM". */
  readonly range: string
  readonly description: string
  readonly redactedAs: string
  readonly parse: (input: Input) => Value | undefined
  readonly read: (content: Uint8Array) => Input
}

/** An option that is given as its content in TypeScript, and as a file elsewhere. */
const file = <Input, Value>({ read, ...options }: FileOptions<Input, Value>) => {
  const rangeAsText = `a file with ${options.range}`
  const readChecked = (content: Uint8Array) => {
    const input = read(content)
    return options.parse(input) === undefined ? undefined : input
  }
  return OptionField.withoutDefault(
    OptionField.field<Input, Value | undefined, "layer">({
      ...options,
      scope: "layer",
      default: undefined,
      rangeAsText,
      placeholder: "FILE",
      config: fileConfig(rangeAsText, readChecked)
    }),
    "none"
  )
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== ""

const given = (value: string | undefined): string | undefined => isText(value) ? value : undefined

/**
 * The options, in the order of the docs. Those in `tls` are of the certificates;
 * peers are verified whatever is set.
 */
export const fields = {
  "client.headersTimeout": OptionField.withoutDefault(
    OptionField.duration({
      default: "30 seconds",
      scope: "layer",
      description: "From a request to the whole headers of its answer. Without it timeout alone bounds it."
    }),
    "none"
  ),
  "client.bodyTimeout": OptionField.withoutDefault(
    OptionField.duration({
      default: "30 seconds",
      scope: "layer",
      description: "Between two parts of a body. Without it timeout alone bounds it."
    }),
    "none"
  ),
  "client.dnsTtl": OptionField.duration({
    default: "10 seconds",
    scope: "layer",
    description:
      "For how long a resolved host name is good. Raise it where names are slow to resolve and stay as they " +
      "are."
  }),
  "client.maxHeaderBytes": OptionField.integer({
    min: 1,
    max: 2 ** 31 - 1,
    default: Head.defaultMaxHeaderBytes,
    shown: "16384 (16 KiB)",
    scope: "layer",
    description: "The most bytes of an answer's headers. Beyond it the entry is a TooLarge failure."
  }),
  "client.proxyFromEnv": OptionField.boolean({
    default: false,
    scope: "layer",
    description:
      "Whether to obey HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Not together with denyPrivate, since it is the " +
      "proxy that connects."
  }),
  "client.tls.ca": file<string | ReadonlyArray<string>, string | ReadonlyArray<string>>({
    range: "certificates in PEM",
    redactedAs: "the given certificates",
    description: "The authorities to trust, in place of those that Node knows: for servers with a certificate of an " +
      "authority of your own.",
    parse: (ca) => {
      const all: ReadonlyArray<string> = typeof ca === "string" ? [ca] : Array.isArray(ca) ? ca : []
      if (all.length === 0 || !all.every((one) => isText(one) && Pem.hasCertificates(one))) return undefined
      return typeof ca === "string" ? ca : [...all]
    },
    read: textOf
  }),
  "client.tls.cert": file<string, string>({
    range: "a certificate in PEM",
    redactedAs: "the given certificate",
    description:
      "The client's certificate, for servers that ask for one, with those that lead to its authority behind " +
      "it. Its key is in key.",
    parse: (cert) => isText(cert) && Pem.hasCertificates(cert) ? cert : undefined,
    read: textOf
  }),
  "client.tls.key": file<Secret<string>, string>({
    range: "a private key in PEM",
    redactedAs: "the given key",
    description: "The key of the client's certificate; it may be Redacted.",
    // Whether it is a key is known with its passphrase only.
    parse: (key) => given(plain(key)),
    read: (content) => Redacted.make(textOf(content))
  }),
  "client.tls.passphrase": OptionField.withoutDefault(
    OptionField.field<Secret<string>, string, "layer">({
      scope: "layer",
      default: "",
      range: "a text",
      redactedAs: "the given passphrase",
      description: "Of key or pfx; it may be Redacted.",
      parse: (passphrase) => given(plain(passphrase)),
      config: (name) => Config.redacted(name)
    }),
    "none"
  ),
  "client.tls.pfx": file<Secret<Uint8Array>, Buffer>({
    range: "a certificate and its key in PKCS 12",
    redactedAs: "the given certificate and key",
    description: "The client's certificate and its key as one, in place of cert and key; it may be Redacted.",
    parse: (pfx) => {
      const bytes = plain(pfx)
      return bytes instanceof Uint8Array && bytes.length > 0 ? Buffer.from(bytes) : undefined
    },
    read: (content) => Redacted.make(content)
  }),
  "client.tls.servername": OptionField.withoutDefault(
    OptionField.field<string, string, "layer">({
      scope: "layer",
      default: "",
      range: "a host name",
      placeholder: "NAME",
      description: "The name to ask servers for and to verify, where it is not that of the URL.",
      parse: given,
      config: (name) => Config.string(name)
    }),
    "none"
  )
} as const
