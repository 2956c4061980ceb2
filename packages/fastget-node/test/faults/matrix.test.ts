import { describe, expect, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL(".", import.meta.url))
const docs = readFileSync(new URL("../../../../docs/faults.md", import.meta.url), "utf8")

/** The number of each row of docs/faults.md, and the file it names. */
const rows = new Map(
  [...docs.matchAll(/^\| ✂? ?(S?\d+) +\|.*\| `([a-z]+\.test\.ts)` *\|$/gm)].map(([, number, file]) => [number!, file!])
)

/** The number each test begins with, and its file. */
const tests = readdirSync(folder).filter((file) => file.endsWith(".test.ts") && file !== "matrix.test.ts").flatMap((
  file
) =>
  [...readFileSync(folder + file, "utf8").matchAll(/(?:row|rowOf|test)\(\s*["`](S?\d+): /g)].map(([, number]) =>
    [number!, file] as const
  )
)

describe("docs/faults.md", () => {
  it("has the rows 1 to 69 and S1 to S7, and each has a test in the file it names", () => {
    const numbers = [
      ...Array.from({ length: 69 }, (_, n) => `${n + 1}`),
      ...Array.from({ length: 7 }, (_, n) => `S${n + 1}`)
    ]
    expect([...rows.keys()]).toEqual(numbers)
    for (const [number, file] of rows) {
      const files = tests.flatMap(([other, file]) => other === number ? [file] : [])
      expect.soft(files, `the files with tests of row ${number}`).toContain(file)
    }
  })

  it("knows the row of every test, and its file", () => {
    expect(tests.length).toBeGreaterThan(50)
    for (const [number, file] of tests) expect.soft(rows.get(number), `the file of row ${number}`).toBe(file)
  })
})
