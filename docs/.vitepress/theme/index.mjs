/** VitePress' own theme, in which the start page has a landmark like all others. */
import { useData } from "vitepress"
import DefaultTheme from "vitepress/theme"
import { h, onMounted, watch } from "vue"
// oxlint-disable-next-line import/no-unassigned-import -- a style has no value
import "./style.css"

export default {
  extends: DefaultTheme,
  Layout: {
    setup() {
      const { frontmatter } = useData()
      // The built start page has it already (transformHtml); this is for who comes there from another page.
      const mark = () => {
        const content = document.getElementById("VPContent")
        if (frontmatter.value.layout === "home") content?.setAttribute("role", "main")
        else content?.removeAttribute("role")
      }
      onMounted(mark)
      watch(() => frontmatter.value.layout, mark, { flush: "post" })
      return () => h(DefaultTheme.Layout)
    }
  }
}
