/** X.Y.Z, or X.Y.Z-rc.1 and the like. */
export const isVersion = (text) => /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$/.test(text)

const inJson = (text, from, to) => text.replace(`"version": "${from}"`, `"version": "${to}"`)

/** The files that name the version, and how each of them names the next one. */
export const VERSION_FILES = {
  'package.json': inJson,
  // The first two are the project's own.
  'package-lock.json': (text, from, to) => inJson(inJson(text, from, to), from, to),
  'deploy/helm/pullgate/Chart.yaml': (text, from, to) =>
    text
      .replace(`\nversion: ${from}\n`, `\nversion: ${to}\n`)
      .replace(`\nappVersion: ${from}\n`, `\nappVersion: ${to}\n`),
}
