/**
 * What the options of a layer come to for one origin. Of each limit the most
 * specific rule holds that says something of it, else the layer's own.
 */
import { matches } from "../base/OriginPattern.js"
import * as Url from "../base/Url.js"
import type { RateRule, Rules } from "../traffic/Rules.js"
import type { OriginRule } from "./OriginsOption.js"
import type { ThrottleMillis } from "./ThrottleOption.js"

/** The settings of a layer, as far as they are about origins. */
export interface LimitSettings {
  readonly connectionsPerOrigin: number
  readonly maxConnections: number
  readonly rate: RateRule | undefined
  readonly throttle: ThrottleMillis
  readonly concurrency: number | "adaptive"
  /** The most specific first. */
  readonly origins: ReadonlyArray<OriginRule>
}

/** The rules of an origin such as `https://api.example.com`. */
export const rulesFor = (origin: string, settings: LimitSettings): Rules => {
  const { concurrency, connectionsPerOrigin, maxConnections, origins, throttle } = settings
  const hostname = origins.length === 0 ? "" : Url.parse(origin)?.hostname ?? ""
  const rules = origins.filter(({ pattern }) => matches(pattern, origin, hostname))
  return {
    connections: Math.min(
      rules.find(({ connections }) => connections !== undefined)?.connections ?? connectionsPerOrigin,
      maxConnections
    ),
    rate: rules.find(({ rate }) => rate !== undefined)?.rate ?? settings.rate,
    throttle: throttle === false ? undefined : throttle,
    adaptive: concurrency === "adaptive"
  }
}
