/**
 * Writes the lists of docs/architecture.md that are made of the code. With
 * `--check` it writes nothing, and fails if they are not up to date.
 */
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import * as ModuleMap from "./ModuleMap.js"
import * as Rules from "./Rules.js"
import * as Sources from "./Sources.js"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const document = `${root}docs/architecture.md`

const arrows = Rules.all.map((rules) => ModuleMap.arrows(rules, Rules.models)).join("\n\n")
const modules = Rules.all.map((rules) => ModuleMap.modules(rules, Sources.read(root + rules.folder))).join("\n\n")

const text = Fs.readFileSync(document, "utf8")
const updated = ModuleMap.replaceBetween(ModuleMap.replaceBetween(text, "arrows", arrows), "modules", modules)

if (updated !== text && process.argv.includes("--check")) {
  process.stderr.write("docs/architecture.md is stale. Run node packages/checks/dist/modules.js\n")
  process.exitCode = 1
} else if (updated !== text) Fs.writeFileSync(document, updated)
