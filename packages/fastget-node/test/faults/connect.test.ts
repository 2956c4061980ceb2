import { describe } from "@effect/vitest"
import { reason, row } from "./Row.js"

describe("the connection", () => {
  row("5: RST on request is a Reset", { "reset": reason("Reset", { bytes: 0 }) })

  row("6: FIN on request is a Reset", { "fin": reason("Reset", { bytes: 0 }) })
})

const once = { retry: { times: 0, base: 1, cap: 1 } }
const brief = { timeout: 500, neighbours: false, ...once }

describe("time", () => {
  row("8: a server that says nothing is a Timeout of the headers", {
    "silent": reason("Timeout", { phase: "headers" })
  }, brief)

  row("9: headers that come byte by byte are a Timeout of the headers", {
    "slow-headers": reason("Timeout", { phase: "headers" })
  }, brief)

  row("10: 103 Early Hints for ever are a Timeout of the whole", {
    "hints-for-ever": reason("Timeout", { phase: "total" })
  }, brief)

  row("11: a body that comes byte by byte is a Timeout of the whole", {
    "dripping-body": reason("Timeout", { phase: "total" })
  }, { ...brief, anyBytes: true })

  row("12: a body whose rest, or whose last chunk, never comes is a Timeout of the body", {
    "stalled-body": reason("Timeout", { phase: "body" }),
    "stalled-chunks": reason("Timeout", { phase: "body" })
  }, brief)
})
