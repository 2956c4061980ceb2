/**
 * Prints whether `Channel.fromEffect` makes a young closure, before and after
 * what its argument says: a layer is made, or only `ShortLived.prepare` is
 * called. Needs --allow-natives-syntax.
 */
import * as ShortLived from "#internal/memory/ShortLived"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as FastGet from "fastget/FastGet"
import { setTimeout } from "node:timers/promises"

// A call of V8's own is no JavaScript: only V8 is to read it.
const inYoungGeneration = new Function("value", "return %InYoungGeneration(value)")
const isYoung = () => inYoungGeneration(Channel.fromEffect(Effect.void).effect)

const before = isYoung()
if (process.argv[2] === "prepare") ShortLived.prepare()
else await Effect.runPromise(Effect.scoped(Layer.build(Layer.provide(FastGet.layer(), FetchHttpClient.layer))))
// It is compiled beside this thread.
for (let n = 0; n < 200 && !isYoung(); n++) await setTimeout(10)
process.stdout.write(JSON.stringify({ before, after: isYoung() }))
