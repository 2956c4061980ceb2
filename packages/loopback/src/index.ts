export * as FaultServer from "./FaultServer.js"
export * as LoopbackServer from "./LoopbackServer.js"
export * as Ticks from "./Ticks.js"
