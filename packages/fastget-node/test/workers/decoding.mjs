import * as Effect from "effect/Effect"
import * as NodeFetchWorker from "fastget-node/NodeFetchWorker"
import * as FetchWorker from "fastget/FetchWorker"

const decoders = {
  "/length": (json) => json.path.length,
  "/json": (json) => json,
  "/effect": (json) => Effect.succeed({ effect: json.path }),
  "/response": (_, response) => response,
  "/throw": () => {
    throw new TypeError("s3cr3t")
  },
  "/fail": () => Effect.fail("s3cr3t"),
  "/function": () => ({ f: () => 1 }),
  "/symbol": () => Symbol("s"),
  "/undefined": () => undefined,
  "/map": () => new Map([["a", new Date(0)]])
}

NodeFetchWorker.runMain(
  FetchWorker.launch({ decode: (json, response) => (decoders[json.path] ?? decoders["/length"])(json, response) })
)
