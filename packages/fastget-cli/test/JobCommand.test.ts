/** What `fastget job` can't be given. */
import { describe } from "@effect/vitest"
import { nobody, refuses } from "./support/ClusterRefusals.js"

const start = ["job", "start", "users", "urls.txt", "--cluster", nobody]

describe("fastget job", () => {
  refuses([
    [["job"], {}, "fastget job needs an action: start, status, wait"],
    [["job", "stop", "users"], {}, "fastget job needs an action"],
    [["job", "wait"], {}, "fastget job wait needs the name of a job"],
    [["job", "wait", "a", "b"], {}, "fastget job wait takes one name"],
    [["job", "list", "a"], {}, "list takes no name"],
    [["job", "wait", "users"], {}, "fastget job needs --cluster URL, or FASTGET_CLUSTER"],
    [["job", "wait", "users", "--cluster", nobody, "--timeout", "1s"], {}, "--timeout is for fastget job start"],
    [[...start, "--rate", "1/s"], {}, "There is no option --rate"],
    [start, { FASTGET_RATE: "1/s" }, "FASTGET_RATE is nothing that a job has"],
    [[...start, "--sink-dir", "a", "--sink-own"], {}, "--sink-own and --sink-dir exclude each other"],
    [[...start, "--chunk-size", "many"], {}, "--chunk-size takes a whole number from 1 to 2000"],
    [[...start, "--chunk-size", "2001"], {}, "--chunk-size takes a whole number from 1 to 2000"],
    [[...start, "-H", "a: ${SECRET}"], { SECRET: "x" }, "allow it with --store-secrets"]
  ])
})
