/**
 * What `--help` and the manual say beside the options.
 */
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Span from "@effect/cli/HelpDoc/Span"
import * as Arr from "effect/Array"
import * as ExitCode from "../ExitCode.js"

const summary = "A file of URLs goes in, the JSON of each comes out, and which failed and why."

export const inputArgument = "Files of URLs, or - for stdin (as without any): lines of URLs, CSV, TSV or NDJSON."

/** Tasks, each with the command for it. */
export const examples: Arr.NonEmptyReadonlyArray<readonly [text: string, command: string]> = [
  ["Fetch a file of URLs into a file:", "fastget urls.txt -o out.ndjson"],
  ["Go on after a crash or Ctrl-C:", "fastget urls.txt -o out.ndjson --resume"],
  ["Fetch what failed again:", "fastget urls.txt -o out.ndjson --retry-failed Timeout,Status:5xx"],
  [
    "Make the URLs of numbers:",
    "fastget --template 'https://api.example.com/users/{}' --range 1..1000000 -o users.ndjson"
  ],
  ["Make a table of some values:", "fastget users.csv --select name,city=address.city -o users-out.csv"],
  ["Keep each body in a file:", "fastget urls.csv --output-dir bodies --extension json -o index.ndjson"],
  ["Send a secret that is in the environment:", "fastget urls.txt -H 'authorization: Bearer ${API_TOKEN}'"],
  ["Look before it runs:", "fastget urls.csv --dry-run"]
]

/** What begins with a word. An input of that name is given as `./job`. */
const commands: Arr.NonEmptyReadonlyArray<readonly [command: string, text: string]> = [
  ["fastget runner --cluster URL", "Joins a cluster and makes requests for it. See fastget runner --help."],
  ["fastget job start NAME FILE --cluster URL", "A run that survives the death of everything. See fastget job --help."]
]

const described = (pairs: Arr.NonEmptyReadonlyArray<readonly [what: string | number, text: string]>) =>
  HelpDoc.descriptionList(
    Arr.map(pairs, ([what, text]): [Span.Span, HelpDoc.HelpDoc] => [Span.text(String(what)), HelpDoc.p(text)])
  )

/** The description for `--help`. */
export const description: HelpDoc.HelpDoc = HelpDoc.blocks([
  HelpDoc.p(summary),
  HelpDoc.h1("EXAMPLES"),
  described(examples),
  HelpDoc.h1("OTHER COMMANDS"),
  described(commands),
  HelpDoc.h1("EXIT CODES"),
  described(ExitCode.codes)
])
