import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { released, sectionOf, sectionProblems } from '../../../scripts/release/changelog.mjs'
import { isVersion, VERSION_FILES } from '../../../scripts/release/versions.mjs'

const read = (file: string): string => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
const { version } = JSON.parse(read('package.json')) as { version: string }

const CHANGELOG = `# Changelog

## 1.2.0 (unreleased)

### Added

New.

### Changed

Other.

### Upgrade steps

None.

## 1.1.0 (2026-01-02)

Old.
`

describe('the changelog', () => {
  test('has a section with all parts for the version that is being made', () => {
    expect(sectionProblems(sectionOf(read('CHANGELOG.md'), version), version)).toEqual([])
  })

  test('gives a version its own section alone', () => {
    expect(sectionOf(CHANGELOG, '1.1.0')).toBe('Old.')
    expect(sectionOf(CHANGELOG, '1.2.0')).toContain('### Upgrade steps\n\nNone.')
    expect(sectionOf(CHANGELOG, '1.2.0')).not.toContain('Old.')
    expect(sectionOf(CHANGELOG, '1.2')).toBeNull()
  })

  test.each([
    ['1.3.0', 'has no section'],
    ['1.1.0', 'needs the parts Added, Changed, Upgrade steps; it has none'],
  ])('of %s is no ground for a release: it %s', (which, problem) => {
    expect(sectionProblems(sectionOf(CHANGELOG, which), which)).toEqual([expect.stringContaining(problem)])
  })

  test('gets the day of the release', () => {
    expect(released(CHANGELOG, '1.2.0', '2026-03-04')).toContain('## 1.2.0 (2026-03-04)\n')
    expect(released(CHANGELOG, '1.1.0', '2026-03-04')).toBe(CHANGELOG)
  })
})

describe('a version', () => {
  test.each(['0.1.0', '10.20.30', '1.0.0-rc.1'])('may be %s', (text) => {
    expect(isVersion(text)).toBe(true)
  })

  test.each(['1.0', 'v1.0.0', '01.0.0', '1.0.0 ', 'latest'])('is not %s', (text) => {
    expect(isVersion(text)).toBe(false)
  })

  test.each(Object.entries(VERSION_FILES))('is set wherever %s has it', (file, rename) => {
    const next = rename(read(file), version, '9.8.7')
    expect(next).toContain('9.8.7')
    if (file === 'package-lock.json') {
      const lock = JSON.parse(next) as { version: string; packages: Record<string, { version: string }> }
      expect([lock.version, lock.packages['']?.version]).toEqual(['9.8.7', '9.8.7'])
    } else expect(next).not.toContain(version)
  })
})
