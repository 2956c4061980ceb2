// The default worker, but for an authority of one's own and for how long a connection may take.
import * as NodeFetchWorker from "fastget-node/NodeFetchWorker"
import * as NodeGetClient from "fastget-node/NodeGetClient"
import * as FetchWorker from "fastget/FetchWorker"
import { workerData } from "node:worker_threads"

const { ca, fastget } = workerData

NodeFetchWorker.runMain(FetchWorker.launch({ client: NodeGetClient.layer({ ...fastget, tls: { ca } }) }))
