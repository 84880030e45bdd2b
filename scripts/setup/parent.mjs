// @ts-check

/**
 * A script that npm started ends when npm is gone: npm killed with SIGKILL cannot tell it, and whatever the script
 * holds would go on. Outside of npm a script may well outlive its parent.
 */
export const endWithNpm = () => {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && process.exit(1), 300).unref()
}
