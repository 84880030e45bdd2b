import { expect, test } from 'vitest'
import { isForeignType } from '../../../../consumers/events/foreign-type.ts'

test.for(['com.example.tick', 'erpx.fee', 'erp', '"erp.fee.changed.v1', '""erp.x""', ' ', 'x'.repeat(256)])(
  '%j is a type of others',
  (type) => {
    expect(isForeignType(type)).toBe(true)
  },
)

test.for(['erp.fee.changed.v1', 'Pullgate.x', '\terp.x\n', '"erp.x"', "' ERP.x '", '', 'x'.repeat(257)])(
  '%j is ours, or no type',
  (type) => {
    expect(isForeignType(type)).toBe(false)
  },
)
