/** A package of the lock file that is installed with the program; development packages are not. */
type LockedPackage = { readonly version: string; readonly license?: string; readonly dev?: boolean }
type LockFile = { readonly packages: Readonly<Record<string, LockedPackage>> }

/** THIRD-PARTY.md: every package of an installation, for every platform, with its licence. */
export const thirdParty = (lock: string): string => {
  const { packages } = JSON.parse(lock) as LockFile
  const rows = Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(
      ([path, { version, license }]) =>
        `| ${path.split('node_modules/').at(-1)} | ${version} | ${license ?? 'unknown'} |`,
    )
  return `# Third-party packages

What an installation of Pullgate holds beside Pullgate itself, as package-lock.json pins it, with the licences that the packages
declare. Made by \`node scripts/write-documents.ts\`; a test says when it is not current.

| package | version | licence |
|---|---|---|
${[...new Set(rows)].sort().join('\n')}

**Node itself.** The development dependency \`node\` is npm's own package of Node.js: its install script fetches the package
\`node-bin-…\` of the machine, which package-lock.json does not pin by checksum. It is for development and tests alone. An installation
and the container image bring their own Node, 24 or newer.
`
}
