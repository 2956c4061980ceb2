/**
 * `--select`: the paths, the text that values have in the JSON, and the cells
 * they become. And bodies with nothing in them, in every output.
 */
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck } from "effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as CsvRecords from "../../src/output/CsvRecords.js"
import * as JsonPath from "../../src/output/JsonPath.js"
import * as JsonSource from "../../src/output/JsonSource.js"
import { fastget, folder, lines, sorted } from "../support/Process.js"

const sourceAt = (json: string, ...path: ReadonlyArray<string>) => JsonSource.reader([path])(json)[0]

/** What JSON.parse has at a path. */
const valueAt = (value: unknown, path: ReadonlyArray<string>): unknown => {
  for (const step of path) {
    const isPlace = !Array.isArray(value) || /^(?:0|[1-9]\d*)$/.test(step)
    if (typeof value !== "object" || value === null || !isPlace || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value
}

/** Every path there is in a value, the value's own among them. */
const pathsOf = (value: unknown): ReadonlyArray<ReadonlyArray<string>> => [
  [],
  ...(typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, member]) => pathsOf(member).map((path) => [key, ...path]))
    : [])
]

describe("the source of a value", () => {
  it.each([
    ["a number keeps its digits", `{"a":675127116845989889}`, ["a"], "675127116845989889"],
    ["and its form", `[1.0,-0,1E5,1e400,0.1000000000000000055511151231257827]`, ["3"], "1e400"],
    ["negative nought", `[1.0,-0]`, ["1"], "-0"],
    ["the last of an array", `[1.0,-0 ]`, ["1"], "-0"],
    ["a whole document", ` 12.50\n`, [], "12.50"],
    [
      "an object keeps its order, its equal keys and its escapes",
      `{"o":{"2":1,"1":2,"a":"\\u0041","a":3}}`,
      ["o"],
      `{"2":1,"1":2,"a":"\\u0041","a":3}`
    ],
    ["of equal keys the last one counts", `{"a":1,"a":2}`, ["a"], "2"],
    ["also for what is in them", `{"a":{"b":1},"a":{"c":2}}`, ["a", "b"], undefined],
    ["also where the last has nothing in it", `{"a":{"b":1},"a":null}`, ["a", "b"], undefined],
    ["and whatever they are written like", `{"a":1,"\\u0061":2}`, ["a"], "2"],
    ["a key with escapes", `{"\\"\\\\\\n\\u00e9":7}`, ["\"\\\né"], "7"],
    ["a key that looks like the end of another", `{"x\\\\":1,"\\\\":2}`, ["\\"], "2"],
    ["an empty key", `{"":{"":3}}`, ["", ""], "3"],
    ["__proto__", `{"__proto__":{"x":1}}`, ["__proto__", "x"], "1"],
    ["no __proto__", `{"a":{}}`, ["a", "__proto__"], undefined],
    ["no constructor", `{}`, ["constructor", "name"], undefined],
    ["no length of an array", `[1,2]`, ["length"], undefined],
    ["no length of a text", `"ab"`, ["length"], undefined],
    ["no letter of a text", `"ab"`, ["0"], undefined],
    ["no place written otherwise", `[1,2]`, ["01"], undefined],
    ["a key that is a number", `{"01":1,"1":2}`, ["01"], "1"],
    ["brackets and quotes in texts", `{"t":"]}\\"[{,:","a":[["]"],{"b":"}"}],"n":5}`, ["n"], "5"],
    ["spaces everywhere", ` { "a" : [ 1 , { "b" : 2 } ] , "c" : 3 } `, ["a", "1", "b"], "2"],
    ["empty arrays and objects", `{"a":[],"b":{},"c":[[]],"d":1}`, ["d"], "1"]
  ] as ReadonlyArray<readonly [string, string, ReadonlyArray<string>, string | undefined]>)(
    "%s: %s",
    (_, json, path, expected) => {
      expect(sourceAt(json, ...path)).toBe(expected)
    }
  )

  it("is what JSON.parse makes the value of, at every path of any JSON, with any spaces", () => {
    const indents = FastCheck.constantFrom(undefined, 1, "\t", "\r\n")
    FastCheck.assert(
      FastCheck.property(FastCheck.jsonValue(), indents, (value, indent) => {
        // JSON.stringify cuts what indents at ten characters.
        const json = JSON.stringify(value, undefined, indent)
        const parsed: unknown = JSON.parse(json)
        const paths = [...pathsOf(parsed), ["nothing"], ["0", "x"]]
        const found = JsonSource.reader(paths)(json)
        paths.forEach((path, index) => {
          const source = found[index]
          expect(source === undefined ? undefined : JSON.parse(source)).toStrictEqual(valueAt(parsed, path))
          expect(source === undefined || source === source.trim()).toBe(true)
        })
      }),
      { seed: 17 }
    )
  })

  it("is found behind texts of quotes and backslashes of any length", () => {
    const letters = FastCheck.string({
      unit: FastCheck.constantFrom("\\", "\"", "a", "]", "}", "é", "\n"),
      maxLength: 90
    })
    FastCheck.assert(
      FastCheck.property(letters, letters, letters, (key, text, after) => {
        const json = JSON.stringify({ [`${key}x`]: text, list: [text, { [text]: after }], z: 1 })
        expect(
          JsonSource.reader([["z"], [`${key}x`], ["list", "1", text], ["list", "0"]])(json).map((source) =>
            JSON.parse(source!)
          )
        ).toEqual([1, text, after, text])
        expect(JsonSource.textOf(JSON.stringify(text))).toBe(text)
      }),
      { numRuns: 500, seed: 17 }
    )
  })

  it("is found behind a million backslashes, a million quotes and 900 arrays", () => {
    const json = `{"a":"${"\\\\".repeat(1_000_000)}","b":"${"\\\"".repeat(1_000_000)}","c":${"[".repeat(900)}${
      "]".repeat(900)
    },"d":1}`
    expect(sourceAt(json, "d")).toBe("1")
  })
})

describe("a path", () => {
  it.each([
    ["name", "name", ["name"]],
    ["address.city", "address.city", ["address", "city"]],
    ["tags[0]", "tags[0]", ["tags", "0"]],
    [`["a.b"].c`, `["a.b"].c`, ["a.b", "c"]],
    ["$.name", "$.name", ["name"]],
    ["$", "$", []],
    ["all=$", "all", []],
    ["$[1]", "$[1]", ["1"]],
    ["$ref", "$ref", ["$ref"]],
    ["$.$id", "$.$id", ["$id"]],
    ["city=address.city", "city", ["address", "city"]],
    [" city = address.city ", "city", ["address", "city"]],
    ["__proto__", "__proto__", ["__proto__"]],
    [`x["a\\"]b"]`, `x["a\\"]b"]`, ["x", "a\"]b"]],
    [`["\\u00e9\\n"]`, `["\\u00e9\\n"]`, ["é\n"]],
    [`[" a"]`, `[" a"]`, [" a"]]
  ] as ReadonlyArray<readonly [string, string, ReadonlyArray<string>]>)("%s is read", (text, column, path) => {
    expect(JsonPath.parse(text)).toMatchObject({ column, path })
  })

  it.each(["", "a..b", "a.", "$.", "x=", "a[", "a[-1]", "a[0", "a]", `a["b]`, `["\\x"]`, "a[b]", "[]", "."])(
    "%j is none",
    (text) => {
      expect(JsonPath.parse(text)).toBeUndefined()
    }
  )

  it.each([
    ["name,address.city", ["name", "address.city"]],
    ["name , city=address.city", ["name", "city=address.city"]],
    [`["a,b"],c`, [`["a,b"]`, "c"]],
    [`["a]b,c"].d,e`, [`["a]b,c"].d`, "e"]],
    [`["a\\"],b"]`, [`["a\\"],b"]`]],
    ["a,,b", ["a", "", "b"]],
    ["a,", ["a", ""]],
    ["a[0,b", undefined],
    [`a["b,c`, undefined]
  ] as ReadonlyArray<readonly [string, ReadonlyArray<string> | undefined]>)(
    "is parted from others by commas outside of brackets: %s",
    (text, parts) => {
      expect(JsonPath.split(text)).toEqual(parts)
    }
  )
})

/** Answers with the body that the path names. */
const serving = (bodies: Readonly<Record<string, string>>) =>
  LoopbackServer.make((request, response) => response.end(bodies[request.url!.slice(1)]))

const rowsOf = (text: string) => text.trimEnd().split("\n").slice(1).sort()

it.scopedLive("cells have the numbers, objects and arrays as the server wrote them", () =>
  Effect.gen(function*() {
    const { url } = yield* serving({
      a: `{"id":675127116845989889,"n":[1.0,-0,1E5],"o":{"2":1.10,"1":12345678901234567890},"s":"1.0","u":"\\u00e9\\ud83d\\ude00"}`,
      // A byte order mark, and a whole on several lines.
      b: `\ufeff{\r\n  "id": 1e400,\n  "n": [\n    0.10,\n    2\n  ],\n  "o": null, "s": " x", "u": "a\\nb"\n}\n`,
      c: `{"id":true,"n":{},"o":[],"s":"","u":"null"}`
    })
    const args = ["-q", "--select", "big=id,n,first=n[0],o,s", "--select", "u"]
    const { code, stdout } = yield* fastget(args, { stdin: `${url}/a\n${url}/b\n${url}/c\n` })
    expect(code).toBe(0)
    expect(stdout.startsWith("id,line,url,status,error,message,big,n,first,o,s,u\n")).toBe(true)
    expect(rowsOf(stdout.replace("\"a\nb\"", "\"a<LF>b\""))).toEqual([
      `1,,${url}/a,200,,,675127116845989889,"[1.0,-0,1E5]",1.0,"{""2"":1.10,""1"":12345678901234567890}",1.0,é😀`,
      `2,,${url}/b,200,,,1e400,"[0.10,2]",0.10,," x","a<LF>b"`,
      `3,,${url}/c,200,,,true,{},,[],,null`
    ])
  }))

it.scopedLive(
  "a body with nothing in it is EmptyBody, or null, and white space is no JSON",
  () =>
    Effect.gen(function*() {
      const { url } = yield* serving({
        bom: "\ufeff",
        none: "",
        space: " \r\n",
        bomSpace: "\ufeff\n",
        json: "\ufeff{\"a\":1.0}"
      })
      const stdin = ["bom", "none", "space", "bomSpace", "json"].map((name) => `${url}/${name}\n`).join("")
      const reasons = (stdout: string) => sorted(lines(stdout)).map(({ error, json }) => error?.reason ?? json)
      const failures = ["EmptyBody", "EmptyBody", "Decode", "Decode"]
      const plain = yield* fastget(["-q"], { stdin })
      expect(reasons(plain.stdout)).toEqual([...failures, { a: 1 }])
      expect(plain.stdout).toContain(`"json":{"a":1.0}}`)
      const general = yield* fastget(["-q", "--no-fast-path"], { stdin })
      expect(reasons(general.stdout)).toEqual([...failures, { a: 1 }])
      const nulls = yield* fastget(["-q", "--empty-body", "null"], { stdin })
      expect(reasons(nulls.stdout)).toEqual([null, null, "Decode", "Decode", { a: 1 }])
      const selected = yield* fastget(["-q", "--select", "a,all=$"], { stdin })
      expect(rowsOf(selected.stdout).map((row) => row.split(",")[4])).toEqual([...failures, ""])
      expect(rowsOf(selected.stdout)[4]).toBe(`5,,${url}/json,200,,,1.0,"{""a"":1.0}"`)
      const selectedNulls = yield* fastget(["-q", "--select", "a,all=$", "--empty-body", "null"], { stdin })
      expect(rowsOf(selectedNulls.stdout).slice(0, 2)).toEqual([`1,,${url}/bom,200,,,,`, `2,,${url}/none,200,,,,`])
      const path = yield* folder
      // Files have the bodies as they came, whatever they are.
      const files = yield* fastget(["-q", "--output-dir", "bodies"], { cwd: path, stdin })
      expect(files.code).toBe(0)
      const sizes = ["1", "2", "3", "4", "5"].map((name) => Fs.statSync(Path.join(path, "bodies", name)).size)
      expect(sizes).toEqual([3, 0, 3, 4, 12])
    }),
  120_000
)

it.live("two columns of one name are refused, those that every record has among them", () =>
  Effect.gen(function*() {
    const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, message: string]> = [
      [["--select", "name,name"], "--select makes a second column name: give it another name, as in other=name"],
      [
        ["--select", "a=x.y", "--select", "a=z"],
        "--select makes a second column a: give it another name, as in other=z"
      ],
      ...CsvRecords.fixedColumns.map((column) =>
        [["--select", column], `--select makes a second column ${column}:`] as const
      ),
      [["--select", "name,,city"], "--select has a path that is empty"],
      [["--select", "name,tags[0"], "--select can't read the path name,tags[0"],
      [["--select", `["\\x"]`], `--select can't read the path ["\\x"]`]
    ]
    yield* Effect.forEach(cases, ([args, message]) =>
      Effect.map(fastget(args, { stdin: "http://127.0.0.1:1/\n" }), ({ code, stderr, stdout }) => {
        expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: "" })
        expect(stderr).toContain(message)
      }), { concurrency: 2 })
  }), 120_000)
