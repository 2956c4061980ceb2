/** The worker's side of the messages, spoken by hand: such a thread is ready within milliseconds. */
/* oxlint-disable unicorn/require-post-message-target-origin -- the port of a thread has no origin */
import { parentPort } from "node:worker_threads"

/** Answers greetings; calls back then, and with each chunk. */
export const speak = ({ onChunk = () => {}, onGreeted = () => {} }) => {
  parentPort.on("message", ([kind, [id, what, request] = []]) => {
    if (kind === 1) return process.exit(0)
    if (what !== 0) return
    if (request._tag === "Chunk") return onChunk()
    parentPort.postMessage([1, [id, 0, [{ _tag: "Hello", protocol: request.protocol }]]])
    parentPort.postMessage([1, [id, 1]])
    onGreeted()
  })
  parentPort.postMessage([0])
}
