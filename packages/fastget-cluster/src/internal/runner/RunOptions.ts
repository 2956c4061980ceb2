/**
 * The settings of a client's stream, which come with its chunks, as options of a
 * stream of the runner's own FastGet.
 */
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import type { StreamOptions } from "fastget/FastGetConfig"
import type { FetchPayload } from "../protocol/OriginEntity.js"

export type Rate = FetchPayload["rate"]

/** The options. A rate above the runner's is left out: the runner's holds for all of its streams. */
export const of = ({ quick, rate, settings }: FetchPayload, layer: Rate): StreamOptions => {
  const { deadline, headers, headersElsewhere = {}, ...others } = settings
  return {
    ...others,
    deadline: deadline === Infinity ? "none" : deadline,
    // Those that stay behind at a redirect to another origin are the ones a stream is given as secrets.
    headers: Record.map(headers, (value, name) => name in headersElsewhere ? value : Redacted.make(value)),
    fastPath: quick,
    ...(rate === undefined || isAbove(rate, layer) ? undefined : { rate: asOption(rate) })
  }
}

const isAbove = (rate: NonNullable<Rate>, layer: Rate): boolean =>
  layer !== undefined && rate.requests / rate.per > layer.requests / layer.per

const asOption = ({ burst, per, requests }: NonNullable<Rate>) => ({
  requests,
  per,
  ...(burst === undefined ? undefined : { burst })
})
