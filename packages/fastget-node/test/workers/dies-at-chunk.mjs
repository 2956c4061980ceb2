import { speak } from "./Spoken.mjs"

speak({ onChunk: () => process.exit(1) })
