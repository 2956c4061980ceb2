/**
 * The proxies of the environment, with a userinfo that undici can read: a percent
 * sign that begins no escape stands for itself, as curl has it.
 */

/**
 * What the environment names, where undici could not read it as it is.
 */
export const withoutBarePercents = (
  env: Readonly<Record<string, string | undefined>> = process.env
): { readonly httpProxy?: string; readonly httpsProxy?: string } => ({
  ...mended("httpProxy", env["http_proxy"] ?? env["HTTP_PROXY"]),
  ...mended("httpsProxy", env["https_proxy"] ?? env["HTTPS_PROXY"])
})

const mended = (name: "httpProxy" | "httpsProxy", value: string | undefined) => {
  if (value === undefined || !URL.canParse(value)) return {}
  const url = new URL(value)
  const { password, username } = url
  url.username = escaped(username)
  url.password = escaped(password)
  return url.username === username && url.password === password ? {} : { [name]: url.href }
}

const escaped = (text: string): string => text.replace(/%(?![\da-f]{2})/gi, "%25")
