/** Gives each request of autocannon a URL of its own, in every thread. */
import threads = require("node:worker_threads")

let next = 0

const setupRequest = <R extends { path?: string }>(request: R): R => {
  request.path = `${request.path}${threads.threadId}-${next++}`
  return request
}

export = setupRequest
