/**
 * The part of an origin's limits that one of its lanes has: all lanes together
 * have as much as the options say.
 */
import * as Effect from "effect/Effect"
import type * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGetConfig from "fastget/FastGetConfig"

type Limits = Pick<NodeFastGet.LayerOptions, "rate" | "connectionsPerOrigin" | "origins">

/** The limits of a lane, as options. Fails where an origin has fewer connections than lanes. */
export const of = (
  { connectionsPerOrigin, origins, rate }: FastGetConfig.Settings,
  lanes: number
): Effect.Effect<Limits, FastGetConfig.InvalidOption> => {
  if (lanes === 1) return Effect.succeed({})
  const least = Math.min(connectionsPerOrigin, ...origins.map(({ connections = Infinity }) => connections))
  if (least < lanes) {
    const range = `at most ${least}, the fewest connections of an origin`
    return new FastGetConfig.InvalidOption({ option: "lanes", value: String(lanes), range })
  }
  return Effect.succeed({
    connectionsPerOrigin: Math.floor(connectionsPerOrigin / lanes),
    ...(rate === undefined ? undefined : { rate: slower(rate, lanes) }),
    origins: Object.fromEntries(origins.map(({ connections, pattern, rate }) => [pattern, {
      ...(connections === undefined ? undefined : { connections: Math.floor(connections / lanes) }),
      ...(rate === undefined ? undefined : { rate: slower(rate, lanes) })
    }]))
  })
}

/** As many requests in a longer time, since the number of requests is a whole one. */
const slower = ({ burst, per, requests }: NonNullable<FastGetConfig.Settings["rate"]>, lanes: number) => ({
  requests,
  per: per * lanes,
  ...(burst === undefined ? undefined : { burst: Math.max(1, Math.floor(burst / lanes)) })
})
