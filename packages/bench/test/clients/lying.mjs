/** A client that asks for less than it says: as its second argument tells. */
const [, , lie, argument] = process.argv
const { entries, origins, path, warmup } = JSON.parse(argument)

// The server counts these.
const asked = lie === "answers" ? entries + warmup : warmup
for (let n = 0; n < asked; n++) await (await fetch(`${origins[0]}/${path}/${n}`)).json()

const answers = lie === "answers" ? entries - 1 : entries
const read = lie === "read" ? 0 : answers * "Hello World!".length
if (lie === "read") { for (let n = 0; n < entries; n++) await fetch(`${origins[0]}/${path}/${n}`) }
process.stdout.write(JSON.stringify({ answers, read, seconds: 1, quickSeconds: 1, cpuMicros: 1 }))
