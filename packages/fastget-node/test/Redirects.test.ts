import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { FastGet } from "fastget"
import { NodeGetClient } from "fastget-node"
import { FaultServer } from "loopback"

const wrapped = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, HttpClient.mapRequest(HttpClientRequest.setHeader("x-wrapped", "yes")))
)

const clients = {
  "FastGet's own": NodeGetClient.layer(),
  "FastGet's own, wrapped": Layer.provide(wrapped, NodeGetClient.layer()),
  "fetch": FetchHttpClient.layer,
  "undici": NodeHttpClient.layerUndici,
  "node:http": NodeHttpClient.layer
}

describe.each(Object.entries(clients))("over the client %s a redirect", (name, client) => {
  const over = Effect.provide(
    Layer.provide(FastGet.layer({ logLevel: "None", retry: { times: 0 } }), client)
  )

  it.scopedLive("leads to the bytes of its Location, UTF-8 or not", () =>
    Effect.gen(function*() {
      const { url } = yield* FaultServer.make
      expect(yield* FastGet.get(`${url}/redirect-utf8/1`))
        .toEqual({ path: "/ok/caf%C3%A9/%EC%95%88%EB%85%95?q=%C3%BC" })
      expect(yield* FastGet.get(`${url}/redirect-latin1/1`)).toEqual({ path: "/ok/caf%E9?q=%FC" })
      expect(yield* FastGet.get(`${url}/redirect-idn/1`)).toEqual({ path: "/ok/%C3%A9" })
    }).pipe(over))

  it.scopedLive("may come to its own URL once", () =>
    Effect.gen(function*() {
      const { url } = yield* FaultServer.make
      expect(yield* FastGet.get(`${url}/redirect-self/1`)).toEqual({ path: "/redirect-self/1" })
      expect(yield* FastGet.get(`${url}/redirect-back/1`)).toEqual({ path: "/redirect-back/1" })
    }).pipe(over))

  it.scopedLive("with the same Location twice is followed, and is bad with an empty one", () =>
    Effect.gen(function*() {
      const { url } = yield* FaultServer.make
      const reasonOf = (path: string) =>
        Effect.map(Effect.flip(FastGet.get(url + path)), (error) => "reason" in error ? error.reason : error)
      expect(yield* FastGet.get(`${url}/redirect-same-twice/1`)).toEqual({ path: "/ok/a,b" })
      expect(yield* reasonOf("/redirect-empty/1")).toMatchObject({ _tag: "Redirect", problem: "bad" })
      // node:http drops the second one before anybody sees it.
      if (name !== "node:http") {
        expect(yield* reasonOf("/redirect-two/1")).toMatchObject({ _tag: "Redirect", problem: "bad" })
      }
    }).pipe(over))
})
