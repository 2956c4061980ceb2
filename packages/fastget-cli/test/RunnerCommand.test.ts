/** What a runner can't be given. */
import { describe } from "@effect/vitest"
import { nobody, refuses } from "./support/ClusterRefusals.js"

describe("a runner", () => {
  refuses([
    [["runner"], {}, "fastget runner needs --cluster URL, or FASTGET_CLUSTER"],
    [["runner", "--cluster", nobody, "--port", "0"], {}, "--port takes a whole number from 1 to 65535"],
    [["runner", "--cluster", nobody, "--timeout", "1s"], {}, "There is no option --timeout"],
    [["runner", "--cluster", nobody], { FASTGET_TIMEOUT: "1s" }, "FASTGET_TIMEOUT belongs to the runs"],
    [["runner", "--cluster", nobody, "urls.txt"], {}, "fastget runner takes no input"]
  ])
})
