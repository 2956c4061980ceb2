import { speak } from "./Spoken.mjs"

speak({})
