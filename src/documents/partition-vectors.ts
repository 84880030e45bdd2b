import { partitionOf } from '../../consumers/ports/partition.ts'

/** Keys and where they belong, for publishers to hold their own partitioner against. */
const IDENTIFIERS = [
  ...['S-1', 'S-2', '1', '0', '007', '7', ' ', 'a', 'ab', 'abc', 'abcd', 'abcde', '__proto__', 'constructor'],
  ...[
    'BLR/2026/000123',
    'with space',
    'Ünï-çødé',
    '\u00e9',
    'e\u0301',
    '学生-7',
    'विद्यार्थी',
    '👩‍🎓',
    '\u{10ffff}',
    '\uffff',
  ],
  ...['x'.repeat(127), 'x'.repeat(128), '学'.repeat(128), '👩'.repeat(128)],
]

const PARTITIONS = [1, 3, 16, 64]

export const partitionVectors = (): object => ({
  description: 'murmur2 of the key’s UTF-8 bytes, sign bit cleared, modulo the number of partitions',
  vectors: IDENTIFIERS.map((identifier) => ({
    identifier,
    utf8: Buffer.from(identifier).toString('hex'),
    partitions: Object.fromEntries(PARTITIONS.map((partitions) => [partitions, partitionOf(identifier, partitions)])),
  })),
})
