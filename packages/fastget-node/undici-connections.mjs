/** What the default worker has of undici; bundle.mjs puts it in the place of the whole. */
import connect from "undici/lib/api/api-connect.js"
import Dispatcher from "undici/lib/dispatcher/dispatcher.js"

export { default as buildConnector } from "undici/lib/core/connect.js"
export { default as Agent } from "undici/lib/dispatcher/agent.js"
export { default as Client } from "undici/lib/dispatcher/client.js"
export { Dispatcher }
export { default as EnvHttpProxyAgent } from "undici/lib/dispatcher/env-http-proxy-agent.js"
export { default as Pool } from "undici/lib/dispatcher/pool.js"

// Of the ways to ask only that is needed by which proxies make a tunnel; ours is `dispatch`.
Dispatcher.prototype.connect = connect
