/**
 * Links as they are written for readers of the repository, made fit for the site:
 * to a page they stay, to another file of the repository they lead to where it is
 * hosted. A file that does not exist fails the build.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { repository } from "./Pages.mjs"

const root = fileURLToPath(new URL("../..", import.meta.url))
const docs = Path.join(root, "docs")

/** The anchors that GitHub makes of headings. */
export const slugify = (heading) =>
  heading.trim().toLowerCase().replace(/[^\p{L}\p{N}_\s-]/gu, "").replaceAll(/\s/g, "-")

const isPage = (file) => file.endsWith(".md") && !Path.relative(docs, file).startsWith("..")

/** What a link in a page of the site becomes. */
const rewritten = (href, page) => {
  if (/^(?:[a-z]+:|#|\/)/i.test(href)) return href
  const [name, anchor] = href.split("#")
  const file = Path.resolve(Path.dirname(page), decodeURIComponent(name))
  if (!Fs.existsSync(file)) throw new Error(`${Path.relative(root, page)} links to ${href}, which is not there`)
  const after = anchor === undefined ? "" : `#${anchor}`
  if (isPage(file)) return `${name.replace(/README\.md$/, "index.md")}${after}`
  const path = Path.relative(root, file).replaceAll("\\", "/")
  return `${repository}/${Fs.statSync(file).isDirectory() ? "tree" : "blob"}/main/${path}${after}`
}

/** A plugin of markdown-it. */
export const links = (markdown) => {
  markdown.core.ruler.push("links-of-the-site", ({ env, tokens }) => {
    for (const { children } of tokens) {
      for (const token of children ?? []) {
        const href = token.type === "link_open" ? token.attrGet("href") : null
        if (href !== null) token.attrSet("href", rewritten(href, env.realPath ?? env.path))
      }
    }
  })
}
