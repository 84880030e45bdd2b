/** The parts that every version has, in this order. */
export const PARTS = ['Added', 'Changed', 'Upgrade steps']

const escaped = (text) => text.replaceAll('.', '\\.')

/** The text under `## X.Y.Z (…)`, without its heading; `null` where the version has none. */
export const sectionOf = (changelog, version) => {
  const heading = new RegExp(`^## ${escaped(version)} \\(.+\\)$`, 'm').exec(changelog)
  if (heading === null) return null
  const rest = changelog.slice(heading.index + heading[0].length)
  const next = /^## /m.exec(rest)
  return rest.slice(0, next?.index ?? rest.length).trim()
}

/** What keeps a section from being released, each a sentence. */
export const sectionProblems = (section, version) => {
  if (section === null) return [`CHANGELOG.md has no section "## ${version} (unreleased)"`]
  const found = [...section.matchAll(/^### (.+)$/gm)].map(([, name]) => name)
  return found.join() === PARTS.join()
    ? []
    : [
        `the section of ${version} in CHANGELOG.md needs the parts ${PARTS.join(', ')}; it has ${found.join(', ') || 'none'}`,
      ]
}

/** The changelog with the day of the release in place of `unreleased`. */
export const released = (changelog, version, day) =>
  changelog.replace(new RegExp(`^## ${escaped(version)} \\(unreleased\\)$`, 'm'), `## ${version} (${day})`)
