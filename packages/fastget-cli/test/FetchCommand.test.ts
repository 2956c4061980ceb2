/** What a run over a cluster can't be given. */
import { describe } from "@effect/vitest"
import { nobody, refuses, secret } from "./support/ClusterRefusals.js"

describe("a run over a cluster", () => {
  refuses([
    [["--cluster", nobody, "--rate", "10/s"], {}, "--rate belongs to the runners"],
    [["--cluster", nobody, "--connections-per-origin", "8"], {}, "--connections-per-origin belongs to the runners"],
    [["--cluster", nobody, "--concurrency", "adaptive"], {}, "--concurrency belongs to the runners"],
    [["--cluster", nobody, "--dns-ttl", "1s"], {}, "--dns-ttl belongs to the runners"],
    [["--cluster", nobody], { FASTGET_NUM_WORKERS: "2" }, "FASTGET_NUM_WORKERS belongs to the runners"],
    [["--cluster", nobody, "--lanes", "65"], {}, "--lanes takes a whole number from 1 to 64"],
    [["--cluster", nobody, "--runner-timeout", "soon"], {}, "--runner-timeout takes a duration"],
    [["--cluster", `mysql://u:${secret}@h/d`], {}, "--cluster takes the URL of a Postgres database"],
    [[], { FASTGET_CLUSTER: `no url ${secret}` }, "FASTGET_CLUSTER takes the URL of a Postgres database"],
    [["--lanes", "2"], {}, "--lanes needs --cluster"]
  ])
})
