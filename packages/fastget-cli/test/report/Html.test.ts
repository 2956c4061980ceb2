import { expect, it } from "@effect/vitest"
import * as Html from "../../src/report/Html.js"

it("escapes what is put in, unless it is markup", () => {
  const part = Html.html`<b title="${"\"'"}">${"<&>"}${7}</b>`
  expect(part.markup).toBe("<b title=\"&quot;&#39;\">&lt;&amp;&gt;7</b>")
  expect(Html.html`<p>${[part, Html.trusted("<i>"), Html.empty]}</p>`.markup).toBe(`<p>${part.markup}<i></p>`)
})
