import * as ResponseBody from "#internal/http/ResponseBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

/** A response whose body comes in parts of a byte each; `sent` tells how many were read, and `isClosed` the end. */
const makeResponse = (parts: number) => {
  const state = { sent: 0, isClosed: false }
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (state.sent === parts) return controller.close()
      controller.enqueue(new Uint8Array([state.sent++]))
    },
    cancel: () => {
      state.isClosed = true
    }
  }, { highWaterMark: 0 })
  return { state, response: HttpClientResponse.fromWeb(HttpClientRequest.get("http://a/"), new Response(body)) }
}

describe("ResponseBody", () => {
  it.live("is collected from its parts", () =>
    Effect.gen(function*() {
      expect([...yield* ResponseBody.collect(makeResponse(4).response, 10)]).toEqual([0, 1, 2, 3])
      expect((yield* ResponseBody.collect(makeResponse(0).response, 10)).length).toBe(0)
    }))

  it.live("is read until it is longer than its limit, and then closed", () =>
    Effect.gen(function*() {
      const { response, state } = makeResponse(1000)
      expect((yield* ResponseBody.collect(response, 3)).length).toBe(4)
      expect(state.sent).toBeLessThan(10)
      expect(state.isClosed).toBe(true)
    }))

  it.live("is none where a response has no body", () =>
    Effect.gen(function*() {
      const none = HttpClientResponse.fromWeb(HttpClientRequest.get("http://a/"), new Response(null, { status: 204 }))
      expect((yield* ResponseBody.collect(none, 10)).length).toBe(0)
    }))

  it.live("is closed and not waited for where nobody wants it", () =>
    Effect.gen(function*() {
      const { response, state } = makeResponse(Infinity)
      yield* ResponseBody.discard(response)
      yield* Effect.sleep(1).pipe(Effect.repeat({ until: () => state.isClosed, times: 1000 }))
      expect(state.isClosed).toBe(true)
    }))

  it("is empty without bytes, or with a byte order mark alone", () => {
    const isEmpty = (...bytes: ReadonlyArray<number>) => ResponseBody.isEmpty(new Uint8Array(bytes))
    expect([isEmpty(), isEmpty(0xef, 0xbb, 0xbf)]).toEqual([true, true])
    expect([isEmpty(32), isEmpty(0xef, 0xbb, 0x00), isEmpty(0xef, 0xbb, 0xbf, 32)]).toEqual([false, false, false])
  })
})
