import * as EnvProxies from "#internal/sockets/EnvProxies"
import { expect, it } from "@effect/vitest"

it("proxies of the environment are changed only where a percent sign begins no escape", () => {
  expect(EnvProxies.withoutBarePercents({ http_proxy: "http://u:a%41b@h:1", HTTPS_PROXY: "no url%" })).toEqual({})
  expect(EnvProxies.withoutBarePercents({ HTTP_PROXY: "http://u:5%@h:1", https_proxy: "http://100%:p@h:2" })).toEqual({
    httpProxy: "http://u:5%25@h:1/",
    httpsProxy: "http://100%25:p@h:2/"
  })
})
