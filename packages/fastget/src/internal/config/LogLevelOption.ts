/**
 * The option `logLevel`: a level of Effect, or its name. A text may be a level's
 * name or label in any case, of which Effect's own `Config` knows some only.
 */
import * as LogLevel from "effect/LogLevel"
import * as OptionField from "../../platform/OptionField.js"
import { text } from "../base/ConfigText.js"

const parse = (level: LogLevel.LogLevel | LogLevel.Literal): LogLevel.LogLevel | undefined =>
  LogLevel.allLevels.find((known) => typeof level === "string" ? known._tag === level : known._tag === level?._tag)

const config = text("the name of a log level", (given) => {
  const wanted = given.toLowerCase()
  return LogLevel.allLevels.find(({ _tag, label }) => _tag.toLowerCase() === wanted || label.toLowerCase() === wanted)
})

export const logLevel = <S extends OptionField.Scope>(options: { readonly scope: S; readonly description: string }) =>
  OptionField.field<LogLevel.LogLevel | LogLevel.Literal, LogLevel.LogLevel, S>({
    ...options,
    default: LogLevel.Debug,
    shown: "Debug",
    range: "a LogLevel or its name",
    parse,
    config
  })
