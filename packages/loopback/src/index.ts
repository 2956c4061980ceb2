export * as FaultServer from "./FaultServer.js"
export * as LoopbackServer from "./LoopbackServer.js"
