/** FastGet without its quick path: `Effect.forEach` over its own `HttpClient`. */
import * as FastGetClient from "../FastGetClient.js"

await FastGetClient.main({ fastPath: false })
