/** FastGet with a worker file of the user's own, whose client is wrapped and so has no quick path. */
import { Worker } from "node:worker_threads"
import * as FastGetClient from "../FastGetClient.js"

await FastGetClient.main({
  worker: (options) => new Worker(new URL("./fastget-wrapped-worker.js", import.meta.url), options)
})
