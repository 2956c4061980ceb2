/**
 * What becomes of a body, by what the output needs: the JSON as the server wrote
 * it, on one line or to select from, or its bytes.
 */
import * as Either from "effect/Either"
import * as Json from "fastget/Json"
import type { Reason } from "fastget/Reason"
import * as JsonSource from "./JsonSource.js"

export type Needs = "line" | "text" | "bytes"

type Parse = (text: string) => Either.Either<string, Reason>

/**
 * JSON that is checked and left as it is. So numbers beyond 2^53 keep their
 * digits, and a body is parsed but not written again.
 */
const asItIs: Parse = (text) => Either.map(Json.parse(text), () => text)

const onOneLine: Parse = (text) => Either.map(Json.parse(text), () => JsonSource.onOneLine(text))

/** How the text of a body is read for an output that needs JSON. */
export const parser = (needs: Exclude<Needs, "bytes">): Parse => needs === "line" ? onOneLine : asItIs
