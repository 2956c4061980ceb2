import * as SchemaIssues from "#internal/base/SchemaIssues"
import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

const secret = "s3cr3t"

const reasonOf = <A, I>(schema: Schema.Schema<A, I>, value: unknown) =>
  Either.match(ParseResult.decodeUnknownEither(schema, { errors: "all" })(value), {
    onLeft: SchemaIssues.toReason,
    onRight: () => {
      throw new Error("the value fits the schema")
    }
  })

const User = Schema.Struct({ name: Schema.String, tags: Schema.Array(Schema.Struct({ n: Schema.Number })) })

describe("SchemaIssues.toReason", () => {
  it("tells where value and schema differ, and what was expected", () => {
    expect(reasonOf(User, { name: 1, tags: [{ n: 1 }, { n: secret }] })).toStrictEqual({
      _tag: "Decode",
      problem: "schema",
      where: "at name",
      issues: [
        { path: ["name"], problem: "Type", expected: "string", actual: "number" },
        { path: ["tags", 1, "n"], problem: "Type", expected: "number", actual: "string" }
      ]
    })
  })

  it("tells what is missing", () => {
    expect(reasonOf(User, { tags: [] })).toMatchObject({ issues: [{ path: ["name"], problem: "Missing" }] })
  })

  it("speaks of the whole body when its root differs", () => {
    expect(reasonOf(User, secret)).toMatchObject({ where: "the whole body" })
  })

  it.each([
    ["another type", User, { name: 1, tags: secret }],
    ["a refinement", Schema.Struct({ a: Schema.String.pipe(Schema.maxLength(2)) }), { a: secret }],
    ["a transformation", Schema.Struct({ a: Schema.NumberFromString }), { a: secret }],
    ["a date", Schema.Struct({ a: Schema.Date }), { a: secret }],
    ["a literal", Schema.Struct({ a: Schema.Literal("x", "y") }), { a: secret }],
    ["a union", Schema.Union(User, Schema.Struct({ other: Schema.Number })), { name: 1, other: secret }],
    ["a template", Schema.TemplateLiteral("id-", Schema.Number), secret],
    ["a UUID", Schema.UUID, secret],
    ["a custom message", Schema.String.annotations({ message: ({ actual }) => `bad ${String(actual)}` }), 7],
    [
      "a message that repeats the value",
      Schema.String.pipe(Schema.filter((s) => s.length < 2 || `too long: ${s}`)),
      secret
    ],
    ["a tuple", Schema.Tuple(Schema.Number, Schema.Number), [1, secret]],
    [
      "a transformation that fails",
      Schema.transformOrFail(Schema.String, Schema.Number, {
        decode: (s, _, ast) => ParseResult.fail(new ParseResult.Type(ast, s, `cannot read ${s}`)),
        encode: (n) => ParseResult.succeed(String(n))
      }),
      secret
    ]
  ] as ReadonlyArray<readonly [string, Schema.Schema<unknown, unknown>, unknown]>)(
    "never repeats the body: %s",
    (_, schema, value) => {
      const reason = reasonOf(schema, value)
      expect(JSON.stringify(reason)).not.toContain(secret)
      expect(reason.issues?.length).toBeGreaterThan(0)
    }
  )

  it("tells what kind of thing was there, and nothing where nothing was", () => {
    const five = Schema.Tuple(Schema.Date, Schema.Date, Schema.Date, Schema.Date, Schema.Struct({ a: Schema.Date }))
    expect(reasonOf(five, [null, [], {}, true, {}]).issues?.map(({ actual }) => actual))
      .toEqual(["null", "list", "object", "boolean", undefined])
  })

  it("tells at most 20 places, and how many more there are", () => {
    const reason = reasonOf(Schema.Array(Schema.Number), Array.from({ length: 1000 }, () => "x"))
    expect([reason.issues?.length, reason.moreIssues]).toEqual([20, 980])
    expect(reasonOf(Schema.Number, "x").moreIssues).toBeUndefined()
  })
})
