import * as Schema from "effect/Schema"
import * as NodeFetchWorker from "fastget-node/NodeFetchWorker"
import * as FetchWorker from "fastget/FetchWorker"

NodeFetchWorker.runMain(
  FetchWorker.launch({ schema: Schema.Struct({ name: Schema.String, at: Schema.DateFromString }) })
)
