import { describe, expect, test } from 'vitest'
import { studentCache } from '../../consumers/student-cache.ts'
import type { StudentId } from '../../projections/ids.ts'
import { UNKNOWN_STUDENT } from '../../projections/student.ts'

const id = (name: string) => name as StudentId
const student = (leavings: number) => ({ ...UNKNOWN_STUDENT, leavings })

describe('the students that a worker keeps', () => {
  test('are those that it put, the last word of each', () => {
    const cache = studentCache(100)
    cache.put(id('__proto__'), student(1), 10)
    cache.put(id('__proto__'), student(2), 20)
    expect(cache.get(id('__proto__'))?.leavings).toBe(2)
    expect(cache.get(id('other'))).toBeUndefined()
  })

  test('are bounded in bytes, least recently used out first', () => {
    const cache = studentCache(100)
    for (const name of ['a', 'b', 'c']) cache.put(id(name), student(0), 30)
    cache.get(id('a'))
    cache.put(id('d'), student(0), 40)
    expect(['a', 'b', 'c', 'd'].filter((name) => cache.get(id(name)))).toEqual(['a', 'c', 'd'])
  })

  test('that is larger than all there is room for is not kept', () => {
    const cache = studentCache(100)
    cache.put(id('a'), student(0), 101)
    expect(cache.get(id('a'))).toBeUndefined()
    cache.put(id('b'), student(0), 100)
    expect(cache.get(id('b'))).toBeDefined()
  })

  test('are forgotten at once', () => {
    const cache = studentCache(100)
    cache.put(id('a'), student(0), 60)
    cache.clear()
    expect(cache.get(id('a'))).toBeUndefined()
    cache.put(id('b'), student(0), 100)
    expect(cache.get(id('b'))).toBeDefined()
  })
})
