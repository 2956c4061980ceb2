/**
 * The client's options as fields: from the environment and from `Config`, each
 * refused by its name, and kept by real threads over real connections.
 */
import { fields } from "#internal/client/ClientFields"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { FastGet, FastGetConfig } from "fastget"
import { NodeFastGet } from "fastget-node"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Certificates from "./Certificates.js"
import * as ClientServers from "./ClientServers.js"

const folder = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "fastget-client-"))),
  (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
)

const file = (content: string) =>
  Effect.map(folder, (folder) => {
    const path = Path.join(folder, "file.pem")
    Fs.writeFileSync(path, content)
    return path
  })

const variables = (given: Readonly<Record<string, string>>) =>
  ConfigProvider.fromMap(new Map(Object.entries({ FASTGET_NUM_WORKERS: "1", FASTGET_LOG_LEVEL: "None", ...given })))

/** A layer from such an environment. */
const withVariables = (given: Readonly<Record<string, string>>) =>
  Effect.provide(Layer.provide(NodeFastGet.layerFromEnv, Layer.setConfigProvider(variables(given))))

const read = (given: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(NodeFastGet.fromEnv, variables(given))

const reasonOf = (url: string) =>
  Effect.map(Effect.flip(FastGet.get(url)), (error) => error._tag === "FetchError" ? error.reason : error)

const names = Object.keys(NodeFastGet.fields) as Array<NodeFastGet.Name>

describe("the fields of the client", () => {
  it("take what a client can keep, and nothing that is none of it", () => {
    const parse = (name: keyof typeof fields, input: unknown) => fields[name].parse(input as never)
    expect([parse("client.dnsTtl", "2 seconds"), parse("client.maxHeaderBytes", 1), parse("client.proxyFromEnv", true)])
      .toEqual([2000, 1, true])
    expect([parse("client.dnsTtl", "soon"), parse("client.maxHeaderBytes", 0), parse("client.proxyFromEnv", "yes")])
      .toEqual([undefined, undefined, undefined])
    expect([parse("client.tls.key", Redacted.make("a")), parse("client.tls.pfx", Redacted.make(new Uint8Array([1])))])
      .toEqual(["a", Buffer.from([1])])
    const empty = ["ca", "cert", "key", "passphrase", "servername"].map((name) =>
      parse(`client.tls.${name}` as keyof typeof fields, "")
    )
    expect([...empty, parse("client.tls.pfx", new Uint8Array()), parse("client.tls.ca", ["no PEM"])])
      .toEqual(Array(7).fill(undefined))
  })

  it("are in one table with all others, and have these names in the environment", () => {
    const own = names.filter((name) => !Object.hasOwn(FastGetConfig.fields, name))
    expect(own.map((name) => [name, NodeFastGet.environmentName(name)])).toEqual([
      ["client.headersTimeout", "FASTGET_HEADERS_TIMEOUT"],
      ["client.bodyTimeout", "FASTGET_BODY_TIMEOUT"],
      ["client.dnsTtl", "FASTGET_DNS_TTL"],
      ["client.maxHeaderBytes", "FASTGET_MAX_HEADER_BYTES"],
      ["client.proxyFromEnv", "FASTGET_PROXY_FROM_ENV"],
      ["client.tls.ca", "FASTGET_CA"],
      ["client.tls.cert", "FASTGET_CERT"],
      ["client.tls.key", "FASTGET_KEY"],
      ["client.tls.passphrase", "FASTGET_PASSPHRASE"],
      ["client.tls.pfx", "FASTGET_PFX"],
      ["client.tls.servername", "FASTGET_SERVERNAME"]
    ])
    expect(names.length - own.length).toBe(Object.keys(FastGetConfig.fields).length)
    expect(new Set(names.map(NodeFastGet.environmentName)).size).toBe(names.length)
  })

  it.effect("are read from the environment, those of certificates from files", () =>
    Effect.gen(function*() {
      const key = yield* file("the key")
      expect(yield* read({})).not.toHaveProperty("client")
      const { client, timeout } = yield* read({
        FASTGET_TIMEOUT: "7s",
        FASTGET_HEADERS_TIMEOUT: "1s",
        FASTGET_BODY_TIMEOUT: "2s",
        FASTGET_DNS_TTL: "1m",
        FASTGET_MAX_HEADER_BYTES: "700",
        FASTGET_PROXY_FROM_ENV: "yes",
        FASTGET_KEY: key,
        FASTGET_PASSPHRASE: "s3cr3t",
        FASTGET_SERVERNAME: "a.example"
      })
      expect(timeout).toMatchObject({ value: { millis: 7000 } })
      expect(client).toMatchObject({
        headersTimeout: { value: { millis: 1000 } },
        bodyTimeout: { value: { millis: 2000 } },
        dnsTtl: { value: { millis: 60_000 } },
        maxHeaderBytes: 700,
        proxyFromEnv: true
      })
      const { key: secret, passphrase, servername } = client?.tls ?? {}
      expect(JSON.stringify({ secret, passphrase })).not.toMatch(/the key|s3cr3t/)
      expect([secret, passphrase].map((one) => Redacted.isRedacted(one) ? Redacted.value(one) : one))
        .toEqual(["the key", "s3cr3t"])
      expect(servername).toBe("a.example")
    }).pipe(Effect.scoped))

  it.effect("that can't be read are refused by the variable's name", () =>
    Effect.gen(function*() {
      const message = (given: Readonly<Record<string, string>>) => Effect.map(Effect.flip(read(given)), String)
      expect(yield* message({ FASTGET_DNS_TTL: "10" })).toContain("FASTGET_DNS_TTL can't be \"10\": a number needs its")
      expect(yield* message({ FASTGET_MAX_HEADER_BYTES: "x" })).toContain("FASTGET_MAX_HEADER_BYTES can't be \"x\"")
      expect(yield* message({ FASTGET_PROXY_FROM_ENV: "maybe" })).toContain("FASTGET_PROXY_FROM_ENV can't be \"maybe\"")
      expect(yield* message({ FASTGET_CA: "/nowhere.pem" })).toContain(
        "FASTGET_CA can't be \"/nowhere.pem\": it can't be read: ENOENT: no such file or directory; " +
          "it takes a file with certificates in PEM"
      )
      const other = yield* file("s3cr3t")
      for (const name of ["FASTGET_CA", "FASTGET_CERT"]) {
        const refused = yield* message({ [name]: other })
        expect(refused).toContain(`${name} can't be ${JSON.stringify(other)}: its content is something else`)
        expect(refused).not.toContain("s3cr3t")
      }
    }).pipe(Effect.scoped))

  it.scopedLive("that are out of their range are an error of the layer, which names the variable", () =>
    Effect.gen(function*() {
      const message = (given: Readonly<Record<string, string>>) =>
        Effect.map(Effect.flip(Effect.void.pipe(withVariables(given))), String)
      expect(yield* message({ FASTGET_HEADERS_TIMEOUT: "25 days" })).toContain("FASTGET_HEADERS_TIMEOUT")
      expect(yield* message({ FASTGET_MAX_HEADER_BYTES: "0" })).toContain("FASTGET_MAX_HEADER_BYTES")
      const noKey = yield* message({ FASTGET_KEY: yield* file("s3cr3t") })
      expect(noKey).toContain("FASTGET_KEY")
      expect(noKey).toContain("it takes a private key in PEM that needs no passphrase")
      expect(noKey).not.toContain("s3cr3t")
      expect(yield* message({ FASTGET_PFX: yield* file("s3cr3t") })).toContain("FASTGET_PFX")
      expect(yield* message({ FASTGET_DENY_PRIVATE: "true", FASTGET_PROXY_FROM_ENV: "true" }))
        .toContain("FASTGET_DENY_PRIVATE")
    }))

  it.effect.each(
    [
      ["client.tls.ca", { tls: { ca: "s3cr3t" } }],
      ["client.tls.ca", { tls: { ca: [] } }],
      ["client.tls.ca", { tls: { ca: ["-----BEGIN CERTIFICATE-----\ns3cr3t\n-----END CERTIFICATE-----"] } }],
      ["client.tls.cert", { tls: { cert: "" } }],
      ["client.tls.key", { tls: { key: Redacted.make("s3cr3t") } }],
      ["client.tls.passphrase", { tls: { passphrase: Redacted.make("") } }],
      ["client.tls.pfx", { tls: { pfx: Redacted.make(Buffer.from("s3cr3t")) } }],
      ["client.tls.pfx", { tls: { pfx: "s3cr3t" } }],
      ["client.tls.servername", { tls: { servername: 7 } }],
      ["client.tls", { tls: "s3cr3t" }],
      ["client.tls", { tls: null }],
      ["client.maxHeaderBytes", { maxHeaderBytes: 0 }]
    ] as ReadonlyArray<readonly [string, object]>
  )("name %s where it can't be, and show no secret", ([name, client]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(NodeFastGet.settings({ client }))
      expect(error.option).toBe(name)
      expect(error.message).not.toContain("s3cr3t")
    }))
})

describe("layerConfig", () => {
  it.scopedLive("takes no options at all", () =>
    Effect.gen(function*() {
      const worker = () => {
        throw new Error("no thread")
      }
      const error = yield* Effect.flip(Layer.build(NodeFastGet.layerConfig({}, { worker })))
      expect(error._tag).toBe("PoolError")
    }))

  it.scopedLive("takes the client's options as Config, or beside it, and not in both places", () =>
    Effect.gen(function*() {
      const port = yield* ClientServers.listen(Http.createServer(() => undefined))
      const url = `http://127.0.0.1:${port}/`
      const limit = Config.succeed("100 millis" as const)
      const base = { numWorkers: Config.succeed(1), logLevel: Config.succeed("None" as const) }
      const retry = Config.succeed({ times: 0 })
      const expected = { _tag: "Timeout", phase: "headers", limit: 100 }
      const asConfig = NodeFastGet.layerConfig({ ...base, retry, client: { headersTimeout: limit } })
      expect(yield* Effect.provide(reasonOf(url), asConfig)).toEqual(expected)
      const beside = NodeFastGet.layerConfig({ ...base, retry }, { client: { headersTimeout: 100 } })
      expect(yield* Effect.provide(reasonOf(url), beside)).toEqual(expected)
      const both = NodeFastGet.layerConfig({ ...base, client: { headersTimeout: limit } }, { client: { dnsTtl: 1 } })
      const exit = yield* Effect.exit(Effect.provide(reasonOf(url), both))
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain(
        "The option client can't be given here: it is in the config already"
      )
      const bad = NodeFastGet.layerConfig({ ...base, client: { tls: { ca: Config.succeed("none") } } })
      expect(String(yield* Effect.flip(Effect.provide(reasonOf(url), bad)))).toContain("client.tls.ca")
    }))
})

describe.skipIf(!Certificates.hasOpenssl && process.env.CI === undefined)(
  "from the environment (needs openssl)",
  () => {
    it.scopedLive("an authority, a client's certificate and a proxy are used by the threads", () =>
      Effect.gen(function*() {
        const { ca, client, url } = yield* ClientServers.tlsServer
        const between = yield* ClientServers.makeProxy()
        yield* ClientServers.processEnvironment("HTTPS_PROXY", between.url)
        const tls = {
          FASTGET_RETRY_TIMES: "0",
          FASTGET_CA: yield* file(ca),
          FASTGET_CERT: yield* file(client.cert),
          FASTGET_KEY: yield* file(client.key)
        }
        expect(yield* FastGet.get(url).pipe(withVariables(tls))).toBe("DNS:client.example")
        expect(between.tunnels()).toBe(0)
        expect(yield* FastGet.get(url).pipe(withVariables({ ...tls, FASTGET_PROXY_FROM_ENV: "true" })))
          .toBe("DNS:client.example")
        expect(between.tunnels()).toBe(1)
        expect(yield* reasonOf(url).pipe(withVariables({ FASTGET_RETRY_TIMES: "0" }))).toMatchObject({ _tag: "Tls" })
        const other = yield* file((yield* Certificates.make("other.example")).key)
        const message = String(yield* Effect.flip(Effect.void.pipe(withVariables({ ...tls, FASTGET_KEY: other }))))
        expect(message).toContain("FASTGET_KEY")
        expect(message).toContain("it takes the key of the given certificate")
      }))
  }
)
