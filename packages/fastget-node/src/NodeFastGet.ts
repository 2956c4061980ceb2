/**
 * FastGet on Node, everything wired: worker threads, their HTTP client, the
 * settings. The layer's scope owns the threads.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as FastGet from "fastget/FastGet"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as Environment from "fastget/platform/Environment"
import * as OptionTable from "fastget/platform/OptionTable"
import type { PoolError } from "fastget/PoolError"
import * as Os from "node:os"
import * as ClientFields from "./internal/client/ClientFields.js"
import * as ClientOptions from "./internal/client/ClientOptions.js"
import * as Descriptors from "./internal/sockets/Descriptors.js"
import * as NodeFetchPool from "./NodeFetchPool.js"

export type { ClientOptions } from "./internal/client/ClientOptions.js"

/**
 * Every option of a layer on Node: those of `FastGetConfig`, and those of the
 * HTTP client in the threads, which are given in `client`.
 *
 * @since 0.1.0
 * @category options
 */
export const fields = { ...FastGetConfig.fields, ...ClientFields.fields }

/**
 * The name of an option: `timeout`, `client.dnsTtl`, `client.tls.ca`.
 *
 * @since 0.1.0
 * @category options
 */
export type Name = keyof typeof fields

/**
 * The environment's name of an option: `FASTGET_TIMEOUT` of `timeout`,
 * `FASTGET_DNS_TTL` of `client.dnsTtl`.
 *
 * @since 0.1.0
 * @category options
 */
export const environmentName = (name: Name): string => OptionTable.environmentName(name)

/**
 * The options of a layer, as its table of `fields` has them.
 *
 * @since 0.1.0
 * @category options
 */
export interface LayerOptions extends FastGetConfig.LayerOptions {
  /**
   * Options of the HTTP client in the default worker. A worker of your own finds
   * them in `NodeFetchWorker.clientOptions()`.
   */
  readonly client?: ClientOptions.ClientOptions
}

/**
 * The options of a layer and the worker file.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends LayerOptions {
  /** Starts a thread of a worker file of your own: `(options) => new Worker(file, options)`, with those it gets. */
  readonly worker?: NodeFetchPool.Spawn
}

/**
 * FastGet over worker threads, one for each CPU. Ready when the first thread
 * is; fails with `PoolError` when none can be started within `startTimeout`, or
 * when a worker file of your own would not keep an option. An option that does
 * not exist or is out of its range is a defect, `FastGetConfig.InvalidOption`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { FastGet } from "fastget"
 * import { NodeFastGet } from "fastget-node"
 *
 * export const program = FastGet.stream([[1, "https://api.example.com/1"]]).pipe(
 *   Stream.runForEach(([id, json]) => Effect.log(id, json)),
 *   Effect.provide(NodeFastGet.layer({ connectionsPerOrigin: 128 }))
 * )
 * ```
 */
export const layer = ({ worker, ...options }: Options = {}): Layer.Layer<FastGet.FastGet, PoolError> =>
  Layer.unwrapEffect(Effect.orDie(fromOptions(options, worker)))

/**
 * As `layer`, from `Config`. A value out of its range is a `ConfigError`.
 * `client` is given in one of the two places, and not in both.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Config } from "effect"
 * import { NodeFastGet } from "fastget-node"
 *
 * export const FastGetLive = NodeFastGet.layerConfig({
 *   numWorkers: Config.integer("WORKERS"),
 *   headers: Config.map(Config.redacted("API_TOKEN"), (authorization) => ({ authorization })),
 *   client: { proxyFromEnv: Config.boolean("BEHIND_PROXY") }
 * })
 * ```
 */
export const layerConfig = (
  config: Config.Config.Wrap<LayerOptions>,
  options: Pick<Options, "client" | "worker"> = {}
): Layer.Layer<FastGet.FastGet, PoolError | ConfigError.ConfigError> =>
  fromConfig(unwrap(config), options, (option) => option)

/** As `Config.unwrap`, which takes no object without keys. */
const unwrap = (config: Config.Config.Wrap<LayerOptions>): Config.Config<LayerOptions> =>
  !Config.isConfig(config) && Object.keys(config).length === 0 ? Config.succeed({}) : Config.unwrap(config)

/**
 * The options set in the environment: those of `FastGetConfig.fromEnv`, and
 * those of the client: `FASTGET_PROXY_FROM_ENV`, `FASTGET_DNS_TTL` and so on.
 * `FASTGET_CA`, `FASTGET_CERT`, `FASTGET_KEY` and `FASTGET_PFX` are names of
 * files, which are read whenever the `Config` is. Of variables it does not know
 * a `Config` can't tell anything: `layerFromEnv` refuses them.
 *
 * @since 0.1.0
 * @category config
 */
export const fromEnv: Config.Config<LayerOptions> = Config.map(
  Config.all([FastGetConfig.fromEnv, ClientOptions.fromEnv]),
  ([options, client]) => Object.keys(client).length === 0 ? options : { ...options, client }
)

/**
 * As `layer`, from the environment (or whatever the `ConfigProvider` reads):
 * `FASTGET_NUM_WORKERS`, `FASTGET_TIMEOUT` and so on, as the table of options
 * names them. What is not set has its default. A `ConfigError` names the variable;
 * so does one for a variable that begins with `FASTGET_` and does not exist.
 * Durations have a unit: `10s`, `500ms`, `2m`, `1.5h`, `10 seconds`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerFromEnv: Layer.Layer<FastGet.FastGet, PoolError | ConfigError.ConfigError> = Layer.suspend(() =>
  Layer.unwrapEffect(Effect.as(Environment.onlyKnown(fromEnv), fromConfig(fromEnv, {}, variableOf)))
)

const variableOf = (option: string): string => Object.hasOwn(fields, option) ? environmentName(option as Name) : option

/** `nameOf` tells what an option is called where it comes from. */
const fromConfig = (
  config: Config.Config<LayerOptions>,
  given: Pick<Options, "client" | "worker">,
  nameOf: (option: string) => string
): Layer.Layer<FastGet.FastGet, PoolError | ConfigError.ConfigError> =>
  Layer.unwrapEffect(
    Effect.flatMap(config, (options) => {
      const { client = options.client, worker } = given
      return Effect.orDie(notInBoth(options, given)).pipe(
        Effect.zipRight(fromOptions({ ...options, ...(client === undefined ? undefined : { client }) }, worker)),
        Effect.mapError((error) => ConfigError.InvalidData([nameOf(error.option)], error.message))
      )
    })
  )

const refuse = (option: string, problem: string) =>
  new FastGetConfig.InvalidOption({ option, value: "given here", problem, range: "" })

/** Beside a config `client` and `worker` can be given; everything else would be lost. */
const notInBoth = (
  config: LayerOptions,
  { client, worker: _, ...others }: Pick<Options, "client" | "worker">
): Effect.Effect<void, FastGetConfig.InvalidOption> => {
  const [option] = Object.keys(others)
  if (option !== undefined) return refuse(option, "here are client and worker only; it belongs to the config")
  return client !== undefined && config.client !== undefined
    ? refuse("client", "it is in the config already")
    : Effect.void
}

/**
 * What the options of a layer come to: every setting, or the first option that
 * can't be, those in `client` included. For a program that tells it before
 * anything is opened; `layer` raises it as a defect.
 *
 * @since 0.1.0
 * @category constructors
 */
export const settings = (
  { client = {}, ...options }: LayerOptions
): Effect.Effect<FastGetConfig.Settings, FastGetConfig.InvalidOption> =>
  Effect.tap(
    FastGetConfig.resolve(options, FastGetConfig.defaults(Os.availableParallelism())),
    (settings) => ClientOptions.resolve(client, settings)
  )

const fromOptions = (
  { client = {}, ...options }: LayerOptions,
  worker: NodeFetchPool.Spawn | undefined
): Effect.Effect<Layer.Layer<FastGet.FastGet, PoolError>, FastGetConfig.InvalidOption> =>
  Effect.gen(function*() {
    const resolved = yield* FastGetConfig.resolve(options, FastGetConfig.defaults(Os.availableParallelism()))
    const settings = yield* Descriptors.fit(resolved, options)
    const ofThreads = yield* ClientOptions.resolve(client, settings)
    return Layer.provide(FastGet.layerPool(settings), NodeFetchPool.layer(settings, worker, ofThreads))
  })
