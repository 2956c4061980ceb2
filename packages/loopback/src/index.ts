export * as LoopbackServer from "./LoopbackServer.js"
