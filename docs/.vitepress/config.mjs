/** The site: `npm run docs` builds it into docs/.vitepress/dist, and fails on a dead link. */
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitepress"
import { links, slugify } from "../site/links.mjs"
import { address, groups, repository } from "../site/Pages.mjs"

/** A page of the API for each module, as typedoc has made them. */
const api = ["fastget", "fastget-node", "fastget-cluster"].map((name) => {
  const folder = fileURLToPath(new URL(`../api/${name}/namespaces`, import.meta.url))
  const modules = Fs.existsSync(folder) ? Fs.readdirSync(folder).filter((file) => file.endsWith(".md")).sort() : []
  return {
    text: name,
    link: `/api/${name}/`,
    collapsed: true,
    items: modules.map((file) => ({
      text: file.replace(/(?:-\d+)?\.md$/, ""),
      link: address(`api/${name}/namespaces/${file}`)
    }))
  }
})

const sidebar = [
  ...groups.map(({ pages, title }) => ({
    text: title,
    items: pages.map(({ file, title }) => ({ text: title, link: address(file) }))
  })),
  { text: "API", items: api }
]

export default defineConfig({
  title: "FastGet",
  description: "Thousands to millions of GET requests as one typed Effect stream",
  lang: "en",
  cleanUrls: true,
  head: [["link", { rel: "icon", type: "image/svg+xml", href: "/icon.svg" }]],
  transformHtml: (html) => html.replace(/ class="VPContent is-home" id="VPContent"/, "$& role=\"main\""),
  srcExclude: ["examples/**", "**/node_modules/**"],
  rewrites: { "decisions/README.md": "decisions/index.md" },
  markdown: {
    anchor: { slugify },
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: (markdown) => void markdown.use(links)
  },
  themeConfig: {
    nav: [
      { text: "Getting started", link: "/getting-started" },
      { text: "The command", link: "/cli" },
      { text: "API", link: "/api/fastget/" }
    ],
    sidebar,
    outline: [2, 3],
    search: {
      provider: "local",
      // The API names each option a dozen times: pages that explain it go before.
      options: { miniSearch: { searchOptions: { boostDocument: (id) => (id.startsWith("/api/") ? 0.1 : 1) } } }
    },
    socialLinks: [{ icon: "github", link: repository }],
    footer: { message: "MIT License" }
  },
  vite: { build: { chunkSizeWarningLimit: 2000 } }
})
