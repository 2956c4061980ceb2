/** Kinds of decode that end their thread, or hold it up, as the body's path says. */
import * as Effect from "effect/Effect"
import * as NodeFetchWorker from "fastget-node/NodeFetchWorker"
import * as FetchWorker from "fastget/FetchWorker"

const fillHeap = () => {
  const all = []
  while (true) all.push(Array.from({ length: 100_000 }, () => all.length))
}

const spin = () => {
  while (true);
}

const spinFor = (millis) => {
  const until = performance.now() + millis
  while (performance.now() < until);
  return millis
}

const throwUncaught = () => {
  setImmediate(() => {
    throw new Error("uncaught")
  })
  return Effect.never
}

const decoders = {
  exit: () => process.exit(3),
  throw: throwUncaught,
  heap: fillHeap,
  spin,
  // Not at once: as a step of an Effect among others.
  "late-spin": () => Effect.zipRight(Effect.sleep(20), Effect.sync(spin)),
  "late-exit": () => Effect.zipRight(Effect.sleep(20), Effect.sync(() => process.exit(3))),
  // Outside of any step: nobody can tell whose it is.
  "timer-spin": () => {
    setTimeout(spin, 20)
    return Effect.never
  },
  busy: () => spinFor(150),
  wait: () => Effect.as(Effect.sleep(20), "waited"),
  long: () => Effect.as(Effect.sleep(1500), "long"),
  never: () => Effect.never,
  stubborn: () => Effect.uninterruptible(Effect.never),
  getters: () => {
    let asked = 0
    const value = {}
    Object.defineProperty(value, "n", {
      enumerable: true,
      get: () => asked++ === 0 ? 1 : () => {}
    })
    return value
  },
  interrupt: () => Effect.interrupt
}

NodeFetchWorker.runMain(
  FetchWorker.launch({ decode: (json) => (decoders[json.path.split("/")[1]] ?? (() => json.path))(json) })
)
