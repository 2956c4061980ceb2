/**
 * The command's own options, in the order of the manual. What the library
 * offers is added by `LibraryFlags`.
 */
import { kinds } from "../output/OutputName.js"
import * as ClusterFlags from "./ClusterFlags.js"
import type { Flag } from "./Flag.js"

const flags = <const F extends Readonly<Record<string, Flag>>>(flags: F): F => flags

const input = flags({
  format: {
    value: "FORMAT",
    choices: ["lines", "csv", "tsv", "ndjson"],
    description: "How the input is written. Without it, the name of the file tells (.csv, .tsv, .ndjson, .jsonl), " +
      "else its first line."
  },
  idColumn: {
    value: "NAME",
    description: "The column of the ids in CSV and TSV; default id. With @line, or where there is no column id, the " +
      "line number is the id."
  },
  urlColumn: { value: "NAME", description: "The column of the URLs in CSV and TSV; default url." },
  idField: {
    value: "NAME",
    description: "The field of the ids in NDJSON; default id. With @line the line number is the id."
  },
  urlField: { value: "NAME", description: "The field of the URLs in NDJSON; default url." },
  template: {
    value: "URL",
    description: "Makes the URLs: {} becomes the id, percent-encoded. The input is then ids, one a line, or the ids " +
      "of CSV, TSV or NDJSON."
  },
  range: {
    value: "A..B",
    description: "The whole numbers from A to B as ids, in place of an input; needs --template."
  }
})

const output = flags({
  output: {
    alias: "o",
    value: "FILE",
    description:
      "Writes to FILE and not to stdout: whole lines only, so that --resume can go on after any crash. The " +
      "name may tell the format (.ndjson, .jsonl, .csv, .tsv), and .gz after it or alone compresses."
  },
  outputFormat: {
    value: "FORMAT",
    choices: kinds,
    description: "How the output is written, whatever its name. Without it, the name of the file tells (.csv, .tsv, " +
      ".ndjson, .jsonl), else it is ndjson, or csv where there is a --select."
  },
  select: {
    value: "PATHS",
    repeated: true,
    description:
      "The values for the columns of CSV or TSV, as JSON paths: name,address.city,tags[0]. A column gets the " +
      "path's name, or another: city=address.city. May be repeated."
  },
  outputDir: {
    value: "FOLDER",
    description: "Writes each body, as it came, to a file of its own in FOLDER. The output then has the name of the " +
      "file in place of the JSON, and bodies need not be JSON."
  },
  extension: { value: "TEXT", description: "The end of the names in --output-dir, such as json." },
  errors: {
    value: "FILE",
    description: "Writes the failures to FILE and not among the successes; its name may tell the format, as that of " +
      "--output."
  },
  resume: {
    description: "Goes on with an existing --output: what has an outcome there is not fetched again. Starts it where " +
      "there is none."
  },
  retryFailed: {
    value: "REASONS",
    description: "Fetches only the failures in an existing --output again, and puts the new outcomes in place of the " +
      "old ones. All of them, or those of some reasons: Timeout,Status:5xx,Status:429."
  },
  overwrite: {
    description: "Replaces an existing --output, and files in --output-dir. Without it such files are left alone."
  }
})

const headers = flags({
  header: {
    alias: "H",
    value: "'NAME: VALUE'",
    repeated: true,
    description: "A header of every request; may be repeated. ${NAME} becomes the environment variable, so that no " +
      "secret is on the command line: -H 'authorization: Bearer ${API_TOKEN}', in single quotes."
  },
  headerFile: {
    value: "FILE",
    repeated: true,
    description: "Headers from a file, one a line as in --header."
  },
  headerEnv: {
    value: "NAME=VARIABLE",
    repeated: true,
    description: "A header whose value is an environment variable: --header-env authorization=API_AUTHORIZATION."
  }
})

const limits = flags({
  limits: {
    value: "FILE",
    description: "Limits of origins, of hosts (api.example.com) and of all hosts under a name (*.example.com), in " +
      "place of --rate and --connections-per-origin; from a JSON file: {\"https://api.example.com\": {\"rate\": " +
      "\"100/s\", \"connections\": 8}}."
  }
})

const run = flags({
  dryRun: { description: "Fetches nothing: shows the first entries, how many there are, and all settings." },
  failOver: {
    value: "SHARE",
    description: "How many failures are still a success (exit code 0): a share such as 5%, or a number."
  },
  quiet: { alias: "q", description: "Shows no progress and no summary; errors only." },
  verbose: { description: "Shows the library's log on stderr." },
  summary: { value: "FILE", description: "Writes the summary to FILE, as JSON." },
  report: { value: "FILE", description: "Writes a report to FILE, as one HTML page." }
})

/** The headings of the manual. */
export const groups = {
  Input: input,
  Output: output,
  Headers: headers,
  Limits: limits,
  Run: run,
  Cluster: ClusterFlags.ofRun
} as const

export const all = { ...input, ...output, ...headers, ...limits, ...run, ...ClusterFlags.ofRun } as const
