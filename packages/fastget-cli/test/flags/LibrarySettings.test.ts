import { describe, expect, it } from "@effect/vitest"
import { Effect, LogLevel, Option, Redacted } from "effect"
import * as ClusterConfig from "fastget-cluster/ClusterConfig"
import * as Environment from "fastget/platform/Environment"
import * as LibrarySettings from "../../src/flags/LibrarySettings.js"

const none: LibrarySettings.Flags = {
  verbose: false,
  library: {},
  header: [],
  headerFile: [],
  headerEnv: [],
  limits: Option.none()
}

const resolve = (flags: Partial<LibrarySettings.Flags>, environment: Readonly<Record<string, string>> = {}) =>
  LibrarySettings.resolve({ ...none, ...flags }, environment)

const refusal = (flags: Partial<LibrarySettings.Flags>, environment?: Readonly<Record<string, string>>) =>
  Effect.map(Effect.flip(resolve(flags, environment)), ({ message }) => message)

describe("the library's options for a run", () => {
  it.effect("are those of flags before those of the environment, and these before the defaults", () =>
    Effect.gen(function*() {
      const environment = { FASTGET_TIMEOUT: "1s", FASTGET_MAX_REDIRECTS: "3", OTHER: "x" }
      const { settings } = yield* resolve({ library: { timeout: "2s" } }, environment)
      expect(settings).toMatchObject({ timeout: 2000, maxRedirects: 3, emptyBody: "fail" })
    }))

  it.effect("are refused where a variable of that name does not exist", () =>
    Effect.gen(function*() {
      expect(yield* refusal({}, { FASTGET_TIMOUT: "1s" }))
        .toBe("FASTGET_TIMOUT can't be given: there is no such variable; perhaps FASTGET_TIMEOUT was meant")
      expect(yield* refusal({}, { FASTGET_SPANS: "chunk" }))
        .toBe("FASTGET_SPANS can't be given: the command has no tracer")
      expect(yield* refusal({}, { FASTGET_PROPAGATE: "a.example" })).toMatch(/^FASTGET_PROPAGATE can't be given/)
      expect(Environment.ofCluster).toEqual(["FASTGET_CLUSTER", ...Environment.asked(ClusterConfig.fromEnv)])
      const environment = Object.fromEntries(Environment.ofCluster.map((name) => [name, "1"]))
      expect((yield* resolve({}, { ...environment, FASTGET_TIMEOUT: "1s" })).settings.timeout).toBe(1000)
    }))

  it.effect("log nothing, but where it is wanted, at the level that was given", () =>
    Effect.gen(function*() {
      const levelOf = (flags: Partial<LibrarySettings.Flags>, environment?: Readonly<Record<string, string>>) =>
        Effect.map(resolve(flags, environment), ({ settings }) => settings.logLevel)
      const debug = { FASTGET_LOG_LEVEL: "Debug" }
      expect([yield* levelOf({}), yield* levelOf({}, debug)]).toEqual([LogLevel.None, LogLevel.None])
      expect([yield* levelOf({ verbose: true }), yield* levelOf({ verbose: true }, debug)])
        .toEqual([LogLevel.Info, LogLevel.Debug])
      expect(yield* refusal({ library: { log: "original" } }))
        .toBe("--log says how a run is logged, and without --verbose none is")
      const { settings } = yield* resolve({ verbose: true, library: { log: "original" } })
      expect(settings.log).toBe("original")
    }))

  it.effect("have the headers of the environment, and of flags before them, whatever the case of their names", () =>
    Effect.gen(function*() {
      const environment = { FASTGET_HEADERS: "X-A: environment\nX-B: environment" }
      const { options } = yield* resolve({ header: ["x-a: flag"] }, environment)
      expect(Object.keys(options.headers ?? {}).sort()).toEqual(["x-a", "x-b"])
      const plain = Object.values(options.headers ?? {}).map((value) =>
        Redacted.isRedacted(value) ? Redacted.value(value) : value
      )
      expect(plain.sort()).toEqual(["environment", "flag"])
    }))

  it.effect("are refused by the name under which they were given: that of the flag, or of the variable", () =>
    Effect.gen(function*() {
      expect(yield* refusal({ library: { timeout: "soon" } })).toMatch(/^--timeout can't be "soon"/)
      expect(yield* refusal({}, { FASTGET_TIMEOUT: "soon" })).toMatch(/^FASTGET_TIMEOUT can't be "soon"/)
      expect(yield* refusal({ library: { maxRedirects: "-1" } })).toMatch(/^--max-redirects: The option maxRedirects/)
      expect(yield* refusal({}, { FASTGET_HEADERS: "te: s3cr3t" })).toMatch(/^FASTGET_HEADERS takes(?!.*s3cr3t)/)
      expect(yield* refusal({ library: { denyPrivate: "10.0.0.0/99" } })).toMatch(
        /^--deny-private takes true, false, or/
      )
    }))
})
