import * as Dispatch from "#internal/client/Dispatch"
import { describe, expect, it } from "@effect/vitest"
import type { Dispatcher } from "undici"
import * as Undici from "undici"

const isUndici8 = process.env.UNDICI_MAJOR === "8"

/** A dispatcher that answers as undici does of that major, and keeps what it was given. */
const fake = () => {
  const given: Array<{ readonly options: object; readonly handler: Dispatcher.DispatchHandler }> = []
  const dispatcher = {
    dispatch: (options: object, handler: Dispatcher.DispatchHandler) => given.push({ options, handler })
  }
  return { given, dispatcher: dispatcher as unknown as Dispatcher }
}

const recorder = () => {
  const calls: Array<unknown> = []
  const handler: Dispatch.Handler = {
    onRequestStart: (controller) => {
      calls.push("start")
      controller.abort(new Error("no more"))
    },
    onResponseStarted: () => calls.push("started"),
    onResponseStart: ({ rawHeaders }, status) => calls.push([status, rawHeaders]),
    onResponseData: (_, part) => calls.push(part),
    onResponseEnd: () => calls.push("end"),
    onResponseError: (_, error) => calls.push(error)
  }
  return { calls, handler }
}

const request = Dispatch.request("http://localhost:1", "/a", ["accept", "*/*"])

describe("a request to undici", () => {
  it("is over the undici that this run of the tests is about", () => {
    expect("Dispatcher1Wrapper" in Undici).toBe(isUndici8)
  })

  it("has no limits of time of undici's", () => {
    expect(request).toMatchObject({ method: "GET", path: "/a", headersTimeout: 0, bodyTimeout: 0 })
  })

  it("gets its callbacks in the form which this undici takes as it is", () => {
    const { dispatcher, given } = fake()
    Dispatch.send(dispatcher, request, recorder().handler)
    const [sent] = given
    expect(sent?.options).toBe(request)
    // Of a handler that has it undici 7 would make the older form, and an object of all headers.
    expect(typeof sent?.handler.onRequestStart).toBe(isUndici8 ? "function" : "undefined")
  })

  it.skipIf(isUndici8)("has the callbacks of the older form told in the newer", () => {
    const { calls, handler } = recorder()
    const { dispatcher, given } = fake()
    Dispatch.send(dispatcher, request, handler)
    const older = given[0]!.handler
    const aborted: Array<unknown> = []
    older.onConnect!((reason) => aborted.push(reason))
    older.onResponseStarted!()
    const rawHeaders = [Buffer.from("a"), Buffer.from("b")]
    expect(older.onHeaders!(200, rawHeaders, () => {}, "OK")).toBe(true)
    const part = Buffer.from("{}")
    expect(older.onData!(part)).toBe(true)
    older.onComplete!([])
    const error = new Error("reset")
    older.onError!(error)
    expect(calls).toEqual(["start", "started", [200, rawHeaders], part, "end", error])
    expect(aborted).toEqual([new Error("no more")])
  })

  it("that undici refuses is told by onResponseError or thrown, before there is a connection", () => {
    const { calls, handler } = recorder()
    const client = new Undici.Client("http://localhost:1")
    void client.destroy()
    Dispatch.send(client, request, handler)
    expect(calls).toMatchObject([{ code: "UND_ERR_DESTROYED" }])
  })
})
