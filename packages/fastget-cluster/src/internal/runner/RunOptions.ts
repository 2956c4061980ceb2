/**
 * The settings of a client's stream, which come with its chunks, as what a run of
 * the runner's own FastGet is asked for.
 */
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import type { FetchPayload } from "../protocol/OriginEntity.js"
import type { RunRequest } from "./ClientRun.js"

export type Rate = FetchPayload["rate"]

/** What the run is asked for. A rate above the runner's is left out: the runner's holds for all of its streams. */
export const of = ({ as, quick, rate, settings, withHeaders }: FetchPayload, layer: Rate): RunRequest => {
  const { deadline, headers, headersElsewhere = {}, trace, ...others } = settings
  return {
    as,
    withHeaders,
    options: {
      ...others,
      deadline: deadline === Infinity ? "none" : deadline,
      // Those that stay behind at a redirect to another origin are the ones a stream is given as secrets.
      headers: Record.map(headers, (value, name) => name in headersElsewhere ? value : Redacted.make(value)),
      fastPath: quick,
      // Its own run has a span in the same trace, of which its requests tell.
      ...(trace === undefined ? undefined : { propagate: trace.origins }),
      ...(rate === undefined || isAbove(rate, layer) ? undefined : { rate: asOption(rate) })
    }
  }
}

const isAbove = (rate: NonNullable<Rate>, layer: Rate): boolean =>
  layer !== undefined && rate.requests / rate.per > layer.requests / layer.per

const asOption = ({ burst, per, requests }: NonNullable<Rate>) => ({
  requests,
  per,
  ...(burst === undefined ? undefined : { burst })
})
