/**
 * Prints whether a value that nobody has is collected, in a process that does
 * nothing but take 32 of 64 MiB held. Its arguments: maxBufferedBytes in MiB,
 * and for how many milliseconds it waits.
 */
import * as SharedBytes from "#internal/wire/SharedBytes"
import { setTimeout } from "node:timers/promises"

const [limit, millis] = process.argv.slice(2).map(Number)
const mebibyte = SharedBytes.unitsOf(2 ** 20)

const collected = []
const registry = new FinalizationRegistry((name) => collected.push(name))
registry.register({ left: "behind" }, "left behind")

const count = SharedBytes.make(limit * 2 ** 20)
SharedBytes.join(1, count.chunk()).add(64 * mebibyte)
await setTimeout(10)
for (let n = 0; n < 32; n++) count.take(mebibyte)
const until = performance.now() + millis
while (collected.length === 0 && performance.now() < until) await setTimeout(10)
process.stdout.write(JSON.stringify(collected.length === 1))
