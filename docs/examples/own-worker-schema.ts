/**
 * What the worker makes of an answer. Both sides import this schema: the worker
 * to decode the body, the program to type the results.
 */
import { Schema } from "effect"

export const Article = Schema.Struct({
  title: Schema.String,
  tags: Schema.Array(Schema.String)
})
