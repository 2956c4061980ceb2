/** `curl -Z`: told no limit, it repeats a request, by `Retry-After`, else after waits that double. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import * as Measure from "../Measure.js"
import { success } from "../Task.js"

const args = ["-sZ", "-K", "-", "--connect-timeout", "1", "-w", "%{urlnum} %{response_code}\\n"]

await Measure.main(({ connections, retries }) => ({
  run: async (urls, done) => {
    const curl = spawn("curl", [...args, "--parallel-max", `${connections}`, "--retry", `${retries}`], {
      stdio: ["pipe", "pipe", "ignore"]
    })
    // What is repeated is told each time: the last counts.
    const last = new Map<number, string>()
    createInterface(curl.stdout).on("line", (line) => {
      const [n, code] = line.split(" ")
      last.set(Number(n), code === "200" ? success : `status ${code}`)
      if (code === "200") done(Number(n), success)
    })
    curl.stdin.end(urls.map((url) => `url = "${url}"\noutput = "/dev/null"\n`).join(""))
    await once(curl, "close")
    for (const [n, outcome] of last) if (outcome !== success) done(n, outcome)
  },
  close: () => Promise.resolve()
}))
