/**
 * The option `concurrency`: "unbounded", or a number of entries.
 */
import * as OptionField from "../../platform/OptionField.js"
import { readNumber, text } from "../base/ConfigText.js"

const range = "\"unbounded\" or a whole number from 1"

export const concurrency = <S extends OptionField.Scope>(options: {
  readonly scope: S
  readonly description: string
}) =>
  OptionField.field<number | "unbounded", number, S>({
    ...options,
    default: Infinity,
    shown: "\"unbounded\"",
    range,
    parse: (n) => n === "unbounded" ? Infinity : Number.isInteger(n) && n >= 1 ? n : undefined,
    config: text(range, (given) => given === "unbounded" ? given : readNumber(given))
  })
