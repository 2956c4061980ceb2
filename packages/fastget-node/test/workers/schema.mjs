import { Schema } from "effect"
import { FetchWorker } from "fastget"
import { NodeFetchWorker } from "fastget-node"

NodeFetchWorker.runMain(
  FetchWorker.launch({ schema: Schema.Struct({ name: Schema.String, at: Schema.DateFromString }) })
)
