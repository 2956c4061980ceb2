/**
 * The spans of a run: what its own says at its end, and where `spans` asks for
 * them, one for each chunk and one for each entry. Names and attributes are
 * those of OpenTelemetry's conventions for HTTP clients where there are some.
 * No query of a URL is told, and no user: they may be secrets.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type { Entry } from "../../Entry.js"
import type { OriginTraffic } from "../../FetchPool.js"
import type { Answer } from "../../Outcome.js"
import * as Target from "../../platform/Target.js"
import type { RunTotals } from "./RunTotals.js"

/** The header by which a server takes a span for the parent of its own (W3C Trace Context, 3.2). */
export const traceparent = ({ sampled, spanId, traceId }: Tracer.Span): string =>
  `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`

/** What a run came to, and which server limited it, on its span. */
export const describe = (
  span: Tracer.Span,
  { bytes, failures, outcomes, requests }: RunTotals,
  limit?: string
): void => {
  span.attribute("fastget.outcomes", outcomes)
  span.attribute("fastget.requests", requests)
  span.attribute("fastget.bytes", bytes)
  span.attribute("fastget.failures", failures.all())
  for (const [reason, count] of failures.byReason()) span.attribute(`fastget.failures.${reason}`, count)
  if (limit !== undefined) span.attribute("fastget.limited_by", limit)
}

/** The server whose refusals since `before` slow a run most, if there is one. */
export const limitOf = (
  before: ReadonlyArray<OriginTraffic>,
  now: ReadonlyArray<OriginTraffic>
): string | undefined => {
  const refusalsOf = new Map(before.map(({ origin, refusals }) => [origin, refusals]))
  let slowest: OriginTraffic | undefined
  for (const traffic of now) {
    if (traffic.refusals <= (refusalsOf.get(traffic.origin) ?? 0)) continue
    if (traffic.learnedRate !== undefined && traffic.learnedRate < (slowest?.learnedRate ?? Infinity)) slowest = traffic
  }
  return slowest === undefined
    ? undefined
    : `about ${Math.round(slowest.learnedRate ?? 0)} requests/s at ${slowest.origin}`
}

/**
 * Runs what a chunk does in a span of its own. One that is interrupted is not
 * wanted any more, because the run has all its answers or its consumer enough:
 * that is no failure. How many entries it left is told.
 */
export const ofChunk = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  attributes: Readonly<Record<string, unknown>>,
  unanswered: () => number
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.makeSpan("FastGet.chunk", { attributes, captureStackTrace: false }), (span) =>
    effect.pipe(
      Effect.withParentSpan(span),
      Effect.onExit((exit) =>
        Effect.map(Clock.currentTimeNanos, (now) => {
          if (!Exit.isFailure(exit) || !Exit.isInterrupted(exit)) return span.end(now, exit)
          if (unanswered() > 0) span.attribute("fastget.chunk.unanswered", unanswered())
          span.end(now, Exit.void)
        })
      )
    ))

/** A span for each entry that has its answer, from its first request on, below the span in context if that is sampled. */
export const ofEntries = <Id>(
  entries: ReadonlyArray<Entry<Id>>,
  answers: ReadonlyArray<Answer>
): Effect.Effect<void> =>
  Effect.flatMap(Effect.option(Effect.currentParentSpan), (parent) => {
    if (Option.isNone(parent) || (parent.value._tag === "Span" && !parent.value.sampled)) return Effect.void
    return Effect.flatMap(Effect.tracer, (tracer) =>
      Effect.map(Clock.currentTimeNanos, (now) => {
        for (const [n, answer] of answers.entries()) ofEntry(tracer, parent, entries[n]!, answer, now)
      }))
  })

const ofEntry = <Id>(
  tracer: Tracer.Tracer,
  parent: Option.Option<Tracer.AnySpan>,
  [, url]: Entry<Id>,
  { attempts, bytes, elapsed, result, status }: Answer,
  now: bigint
): void => {
  const begun = now - BigInt(Math.round(elapsed * 1e6))
  const span = tracer.span("GET", parent, Context.empty(), [], begun, "client")
  const text = Target.urlText(url)
  const parsed = URL.canParse(text) ? new URL(text) : undefined
  span.attribute("http.request.method", "GET")
  if (parsed !== undefined) {
    span.attribute("url.full", `${parsed.origin}${parsed.pathname}`)
    span.attribute("server.address", parsed.hostname)
    if (parsed.port !== "") span.attribute("server.port", Number(parsed.port))
  }
  // 0: there was no answer.
  if (status > 0) span.attribute("http.response.status_code", status)
  span.attribute("http.response.body.size", bytes)
  if (attempts > 1) span.attribute("http.request.resend_count", attempts - 1)
  if (result._tag !== "Failure") return span.end(now, Exit.void)
  const { reason } = result
  span.attribute("error.type", reason._tag === "Status" ? String(reason.status) : reason._tag)
  span.end(now, Exit.fail(reason))
}
