import { ABSENT, type HostileInput, toJson } from './hostile-input.ts'

/** Records that are about no student, and may harm none. */
export const hostileToNobody = (): readonly HostileInput[] => [...heartbeats(), ...homeless()]

const heartbeats = (): HostileInput[] => {
  const good = {
    specversion: '1.0',
    id: 'i',
    source: '/erp/hostile',
    type: 'erp.heartbeat.v1',
    time: '2026-06-01T10:00:00Z',
  }
  const bare = (name: string, change: object, expect: HostileInput['expect']): HostileInput => {
    const value = Buffer.from(toJson({ ...good, ...change }))
    return { name: `heartbeat ${name}`, student: null, headers: [], key: Buffer.from('he-beat'), value, expect }
  }
  const headers = Object.entries(good).map(([name, value]) => [`ce_${name}`, Buffer.from(value)] as const)
  return [
    bare('as it should be', {}, 'applied'),
    bare('with data', { data: [1] }, 'applied'),
    bare('with a bad sequence', { sequence: 'x' }, 'applied'),
    bare('without a source', { source: ABSENT }, 'poison'),
    bare('without an id', { id: ABSENT }, 'poison'),
    bare('without a time', { time: ABSENT }, 'poison'),
    bare('of another specversion', { specversion: '0.3' }, 'poison'),
    { name: 'binary heartbeat without a value', student: null, headers, key: null, value: null, expect: 'applied' },
    {
      name: 'binary heartbeat with any value',
      student: null,
      headers,
      key: null,
      value: Buffer.from('{'),
      expect: 'any',
    },
  ]
}

/** Neither the value nor the key names a student. */
const homeless = (): HostileInput[] =>
  [null, Buffer.alloc(0), Buffer.from([0xff]), Buffer.from('a\0b'), Buffer.from('x'.repeat(129))].map((key, index) => ({
    name: `garbage under a key that is no student (${index})`,
    student: null,
    headers: [],
    key,
    value: Buffer.from('garbage'),
    expect: 'poison',
  }))
