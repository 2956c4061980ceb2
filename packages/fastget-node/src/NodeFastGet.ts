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
import type { PoolError } from "fastget/PoolError"
import * as Os from "node:os"
import * as ClientOptions from "./internal/client/ClientOptions.js"
import * as Descriptors from "./internal/sockets/Descriptors.js"
import * as NodeFetchPool from "./NodeFetchPool.js"

/**
 * The options of a layer, the worker file, and options of the worker's client.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends FastGetConfig.LayerOptions {
  /** Starts a thread of a worker file of your own: `(options) => new Worker(file, options)`, with those it gets. */
  readonly worker?: NodeFetchPool.Spawn
  /**
   * Options of the HTTP client in the default worker: proxies,
   * certificates, phases of time. A worker of your own finds them in
   * `NodeFetchWorker.clientOptions()`.
   */
  readonly client?: ClientOptions.ClientOptions
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
export const layer = ({ client, worker, ...options }: Options = {}): Layer.Layer<FastGet.FastGet, PoolError> =>
  Layer.unwrapEffect(
    Effect.orDie(Effect.flatMap(resolve(options), (settings) => fromSettings(settings, client, worker)))
  )

/**
 * As `layer`, from `Config`. A value out of its range is a `ConfigError`.
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
 *   headers: Config.map(Config.redacted("API_TOKEN"), (authorization) => ({ authorization }))
 * })
 * ```
 */
export const layerConfig = (
  config: Config.Config.Wrap<FastGetConfig.LayerOptions>,
  options: Pick<Options, "client" | "worker"> = {}
): Layer.Layer<FastGet.FastGet, PoolError | ConfigError.ConfigError> =>
  fromConfig(Config.unwrap(config), options, (option) => option)

/**
 * As `layer`, from the environment (or whatever the `ConfigProvider` reads):
 * `FASTGET_NUM_WORKERS`, `FASTGET_TIMEOUT` and so on, as the table of options
 * names them. What is not set has its default. A `ConfigError` names the variable.
 * Durations have a unit: `10s`, `500ms`, `2m`, `1.5h`, `10 seconds`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerFromEnv: Layer.Layer<FastGet.FastGet, PoolError | ConfigError.ConfigError> = Layer.suspend(() =>
  fromConfig(FastGetConfig.fromEnv, {}, variableOf)
)

const variableOf = (option: string): string =>
  Object.hasOwn(FastGetConfig.fields, option) ? FastGetConfig.environmentName(option as FastGetConfig.Name) : option

/** `nameOf` tells what an option is called where it comes from. */
const fromConfig = (
  config: Config.Config<FastGetConfig.LayerOptions>,
  { client, worker, ...others }: Pick<Options, "client" | "worker">,
  nameOf: (option: string) => string
): Layer.Layer<FastGet.FastGet, PoolError | ConfigError.ConfigError> =>
  Layer.unwrapEffect(
    Effect.flatMap(config, (options) =>
      // What else is here is the config's to say, and would be lost.
      Effect.orDie(none(others)).pipe(
        Effect.zipRight(resolve(options)),
        Effect.flatMap((settings) => fromSettings(settings, client, worker)),
        Effect.mapError((error) => ConfigError.InvalidData([nameOf(error.option)], error.message))
      ))
  )

const none = (others: object): Effect.Effect<void, FastGetConfig.InvalidOption> => {
  const [option] = Object.keys(others)
  const problem = "here are client and worker only; it belongs to the config"
  return option === undefined
    ? Effect.void
    : new FastGetConfig.InvalidOption({ option, value: "given here", problem, range: "" })
}

/**
 * What the options of a layer come to: every setting, or the first option that
 * can't be. For a program that tells it before anything is opened; `layer`
 * raises it as a defect.
 *
 * @since 0.1.0
 * @category constructors
 */
export const settings = (
  options: FastGetConfig.LayerOptions
): Effect.Effect<FastGetConfig.Settings, FastGetConfig.InvalidOption> =>
  Effect.tap(
    FastGetConfig.resolve(options, FastGetConfig.defaults(Os.availableParallelism())),
    (settings) => ClientOptions.resolve({}, settings)
  )

const resolve = (options: FastGetConfig.LayerOptions) =>
  Effect.flatMap(
    FastGetConfig.resolve(options, FastGetConfig.defaults(Os.availableParallelism())),
    (settings) => Descriptors.fit(settings, options)
  )

const fromSettings = (
  settings: FastGetConfig.Settings,
  client: ClientOptions.ClientOptions = {},
  worker: NodeFetchPool.Spawn | undefined
): Effect.Effect<Layer.Layer<FastGet.FastGet, PoolError>, FastGetConfig.InvalidOption> =>
  Effect.map(
    ClientOptions.resolve(client, settings),
    (client) => Layer.provide(FastGet.layerPool(settings), NodeFetchPool.layer(settings, worker, client))
  )
