import { speak } from "./Spoken.mjs"

speak({ onGreeted: () => setImmediate(() => process.exit(1)) })
