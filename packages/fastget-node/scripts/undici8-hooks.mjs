/** Undici 8 in the place of undici 7, for what is in this package; loaded by `--import`. */
import { registerHooks } from "node:module"

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === "undici" && isOurs(context.parentURL) ? "undici-8" : specifier, context)
})

const isOurs = (url) => url?.includes("/packages/fastget-node/") === true && !url.includes("/node_modules/")
