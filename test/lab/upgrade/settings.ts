import { cheapHash } from '../../integration/http-edge.ts'
import { PARTNER } from './traffic.ts'

export const PARTITIONS = 2

/** As JSON, which is YAML; a former version reads it too. A pull may wait long on a slow machine. */
export const upgradeConfig = (topic: string, erpUrl: string): string =>
  JSON.stringify({
    timezone: 'Asia/Kolkata',
    topic: { name: topic, partitions: PARTITIONS },
    policy: { balance_basis: 'outstanding', paid_instalments: 'zero' },
    freshness: { wait_ms: 4000 },
    pull: { deadline_ms: 14_500 },
    erp: { url: erpUrl, username: 'pullgate', password: 'env:UPGRADE_ERP_PASSWORD', timeout_ms: 10_000 },
    clients: [{ username: PARTNER.username, secrets: [cheapHash(PARTNER.password)], branches: 'all' }],
  })
