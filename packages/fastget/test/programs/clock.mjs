/** A thread that tells what the pool's clock says, with or without a `process` to ask. */
/* oxlint-disable unicorn/require-post-message-target-origin -- the port of a thread has no origin */
import { parentPort, workerData } from "node:worker_threads"

const { process } = globalThis
if (!workerData.hasProcess) globalThis.process = undefined
const clock = await import("../../dist/internal/traffic/SharedClock.js")
const now = clock.now()
const own = performance.now()
globalThis.process = process
parentPort.postMessage({ now, own, timeOrigin: performance.timeOrigin })
