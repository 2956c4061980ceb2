/** Traces and metrics as OpenTelemetry's SDK gets them, with what it exports kept in memory. */
import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import { describe, expect, it } from "@effect/vitest"
import { SpanKind, SpanStatusCode } from "@opentelemetry/api"
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader
} from "@opentelemetry/sdk-metrics"
import type { DataPoint } from "@opentelemetry/sdk-metrics"
import { AlwaysOffSampler, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import type { ReadableSpan, Sampler } from "@opentelemetry/sdk-trace-base"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { FastGet, type FastGetConfig } from "fastget"
import { NodeFastGet } from "fastget-node"
import { FaultServer, LoopbackServer } from "loopback"

const pool = NodeFastGet.layer({ numWorkers: 2, logLevel: "None", retry: { times: 0 } })

/** The spans of a run over real threads, within a span of the program's own. */
const spansOf = (spans: FastGetConfig.Settings["spans"], sampler?: Sampler) =>
  Effect.gen(function*() {
    const { url } = yield* FaultServer.make
    const exporter = new InMemorySpanExporter()
    const entries = ["/ok/1?token=s3cr3t", "/ok/2", "/not-found/3"].map((path, n) => [n, `${url}${path}`] as const)
    const sdk = NodeSdk.layer(() => ({
      resource: { serviceName: "a program" },
      spanProcessor: new SimpleSpanProcessor(exporter),
      ...(sampler === undefined ? undefined : { tracerConfig: { sampler } })
    }))
    const finished = Stream.runDrain(FastGet.streamEither(entries, { spans })).pipe(
      Effect.withSpan("import"),
      Effect.provide(pool),
      Effect.zipRight(Effect.sync(() => exporter.getFinishedSpans().slice()))
    )
    return { url, spans: yield* Effect.provide(finished, sdk) }
  })

const parentOf = (spans: ReadonlyArray<ReadableSpan>, { parentSpanContext }: ReadableSpan): string | undefined =>
  spans.find((span) => span.spanContext().spanId === parentSpanContext?.spanId)?.name

describe("with OpenTelemetry's SDK", () => {
  it.scopedLive("a run, its chunks and its entries are one trace, below the program's span, and end well", () =>
    Effect.gen(function*() {
      const { spans } = yield* spansOf("entry")
      expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1)
      const parents = new Set(spans.map((span) => `${span.name} < ${parentOf(spans, span)}`))
      expect(parents).toEqual(
        new Set([
          "import < undefined",
          "FastGet.stream < import",
          "FastGet.chunk < FastGet.stream",
          "GET < FastGet.chunk"
        ])
      )
      const run = spans.find(({ name }) => name === "FastGet.stream")
      expect(run?.status.code).toBe(SpanStatusCode.OK)
      expect(run?.attributes).toMatchObject({
        "fastget.outcomes": 3,
        "fastget.requests": 3,
        "fastget.failures": 1,
        "fastget.failures.Status": 1
      })
      const failed = spans.filter(({ status }) => status.code === SpanStatusCode.ERROR)
      expect(failed.map(({ name }) => name)).toEqual(["GET"])
    }))

  it.scopedLive("an entry has the names of the conventions for HTTP clients, and no secret", () =>
    Effect.gen(function*() {
      const { spans, url } = yield* spansOf("entry")
      const gets = spans.filter(({ name }) => name === "GET")
      expect(gets.map(({ kind }) => kind)).toEqual([SpanKind.CLIENT, SpanKind.CLIENT, SpanKind.CLIENT])
      const of = (path: string) => gets.find(({ attributes }) => attributes["url.full"] === `${url}${path}`)?.attributes
      const common = {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": Number(new URL(url).port)
      }
      expect(of("/ok/1")).toMatchObject({ ...common, "http.response.status_code": 200 })
      expect(of("/not-found/3")).toMatchObject({ ...common, "http.response.status_code": 404, "error.type": "404" })
      expect(JSON.stringify(gets.map(({ attributes, events }) => [attributes, events]))).not.toContain("s3cr3t")
    }))

  it.scopedLive("a server that is listed is told the run's span, over threads, with each client, and no other is", () =>
    Effect.gen(function*() {
      const heard: Array<unknown> = []
      const server = yield* LoopbackServer.make((request, response) => {
        heard.push(request.headers["traceparent"])
        if (request.url === "/elsewhere") response.writeHead(302, { location: `${other.url}/1` }).end()
        else LoopbackServer.echoPath(request, response)
      })
      const others: Array<unknown> = []
      const other = yield* LoopbackServer.make((request, response) => {
        others.push(request.headers["traceparent"])
        LoopbackServer.echoPath(request, response)
      })
      const entries = [`${server.url}/1`, `${other.url}/2`, `${server.url}/elsewhere`].map((url, n) =>
        [n, url] as const
      )
      const run = (options: FastGetConfig.StreamOptions) => {
        const exporter = new InMemorySpanExporter()
        const sdk = NodeSdk.layer(() => ({
          resource: { serviceName: "a program" },
          spanProcessor: new SimpleSpanProcessor(exporter)
        }))
        return Stream.runDrain(FastGet.streamEither(entries, options)).pipe(
          Effect.provide(pool),
          Effect.zipRight(Effect.sync(() => exporter.getFinishedSpans().at(-1)?.spanContext())),
          Effect.provide(sdk)
        )
      }
      for (const fastPath of [true, false]) {
        heard.length = 0
        const span = yield* run({ propagate: [server.url], fastPath })
        const traceparent = `00-${span?.traceId}-${span?.spanId}-01`
        expect(heard).toEqual([traceparent, traceparent])
      }
      expect(others).toEqual([undefined, undefined, undefined, undefined])
      heard.length = 0
      yield* run({})
      expect(heard).toEqual([undefined, undefined])
    }))

  it.scopedLive("the sampler decides, and a run asks for no more than it is told to", () =>
    Effect.gen(function*() {
      expect((yield* spansOf("entry", new AlwaysOffSampler())).spans).toEqual([])
      const names = (yield* spansOf("run")).spans.map(({ name }) => name)
      expect(names.sort()).toEqual(["FastGet.stream", "import"])
    }))

  it.scopedLive("the metrics of a run are collected, with the tags of the program", () =>
    Effect.gen(function*() {
      const { url } = yield* FaultServer.make
      const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
      const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
      const sdk = NodeSdk.layer(() => ({ resource: { serviceName: "a program" }, metricReader: reader }))
      const collected = Stream.runDrain(FastGet.streamEither([[1, `${url}/ok/1`], [2, `${url}/not-found/2`]])).pipe(
        Effect.tagMetrics("job", "opentelemetry"),
        Effect.provide(pool),
        Effect.zipRight(Effect.promise(() => reader.collect()))
      )
      const { resourceMetrics } = yield* Effect.provide(collected, sdk)
      const metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
      const points = metrics.filter(({ descriptor }) => descriptor.name === "fastget_outcomes")
        .flatMap(({ dataPoints }) => dataPoints as ReadonlyArray<DataPoint<unknown>>)
        .filter(({ attributes }) => attributes["job"] === "opentelemetry")
        .map(({ attributes, value }) => `${String(attributes["reason"])} ${String(value)}`)
      expect(points.sort()).toEqual(["Status 1", "success 1"])
      expect(metrics.map(({ descriptor }) => descriptor.name)).toEqual(
        expect.arrayContaining(["fastget_latency_ms", "fastget_bytes", "fastget_in_flight"])
      )
    }))
})
