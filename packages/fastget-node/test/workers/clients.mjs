/** Clients of one's own, made in many ways: `workerData.client` says which. */
import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Layer, Runtime, Schedule } from "effect"
import { FetchWorker } from "fastget"
import { NodeFetchWorker, NodeGetClient } from "fastget-node"
import { workerData } from "node:worker_threads"

const options = NodeFetchWorker.clientOptions()
const tagged = HttpClient.mapRequest(HttpClientRequest.setHeader("x-tagged", "yes"))
const layerOf = (client) => Layer.scoped(HttpClient.HttpClient, client)
const wrapping = (layer, wrap) =>
  Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, wrap)).pipe(Layer.provide(layer))

const launch = (client, keeps) => FetchWorker.launch({ client, ...(keeps === undefined ? {} : { keeps }) })
const own = NodeGetClient.make(options)

const programs = {
  "the default": () => FetchWorker.launch(),
  "FastGet's with the options": () => launch(layerOf(own)),
  "FastGet's as a layer, wrapped": () => launch(wrapping(NodeGetClient.layer(options), tagged)),
  "FastGet's, wrapped twice, with retries and a filter": () =>
    launch(wrapping(NodeGetClient.layer(options), (client) =>
      client.pipe(
        tagged,
        HttpClient.filterStatusOk,
        HttpClient.retry(Schedule.recurs(3))
      ))),
  "FastGet's behind an Effect": () =>
    launch(
      wrapping(NodeGetClient.layer(options), (client) =>
        HttpClient.mapRequestEffect(client, (request) => Effect.as(Effect.sleep(50), request)))
    ),
  "FastGet's behind another URL": () =>
    launch(
      wrapping(NodeGetClient.layer(options), (client) =>
        HttpClient.mapRequest(client, (request) => HttpClientRequest.setUrl(request, request.url)))
    ),
  "FastGet's with its body read": () =>
    launch(
      wrapping(NodeGetClient.layer(options), (client) =>
        HttpClient.transformResponse(
          client,
          Effect.tap((response) => response.text)
        ))
    ),
  "the default, wrapped in the program": () =>
    FetchWorker.launch().pipe(
      Effect.provide(Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, tagged)))
    ),
  "fetch": () => launch(FetchHttpClient.layer),
  "fetch, wrapped": () => launch(wrapping(FetchHttpClient.layer, tagged)),
  "fetch with endless retries": () => launch(wrapping(FetchHttpClient.layer, HttpClient.retry(Schedule.forever))),
  "fetch in place of the default": () => FetchWorker.launch().pipe(Effect.provide(FetchHttpClient.layer)),
  "undici with endless retries": () =>
    launch(wrapping(NodeHttpClient.layerUndici, HttpClient.retry(Schedule.spaced(100)))),
  "undici": () => launch(NodeHttpClient.layerUndici),
  "node:http": () => launch(NodeHttpClient.layer),
  "one that throws": () => launch(Layer.succeed(HttpClient.HttpClient, HttpClient.make(() => Effect.die("no")))),
  "FastGet's without the options": () => launch(layerOf(NodeGetClient.make())),
  "FastGet's without the guard": () => launch(layerOf(NodeGetClient.make({ ...options, denyPrivate: false }))),
  "fetch, with FastGet's beside it": () =>
    launch(wrapping(FetchHttpClient.layer, tagged).pipe(Layer.provide(Layer.scopedDiscard(own)))),
  "fetch that says it keeps denyPrivate": () => launch(FetchHttpClient.layer, ["denyPrivate"]),
  "run in another runtime": () =>
    launch(
      wrapping(NodeGetClient.layer(options), (client) =>
        HttpClient.make((request) =>
          Effect.promise(() =>
            Runtime.runPromise(Runtime.defaultRuntime)(client.execute(request))
          )
        ))
    )
}

NodeFetchWorker.runMain(programs[workerData.client]())
