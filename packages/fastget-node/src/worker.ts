/**
 * The entry of the default worker: this file is loaded by a thread, and by
 * nothing else.
 *
 * @since 0.1.0
 */
import * as FetchWorker from "fastget/FetchWorker"
import * as NodeFetchWorker from "./NodeFetchWorker.js"

NodeFetchWorker.runMain(FetchWorker.launch())
