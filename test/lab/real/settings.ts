/** What every round's configuration says. */
export const PARTITIONS = 4
export const POLICY = { balance_basis: 'net_of_direct', paid_instalments: 'omit' } as const
export const TIMEZONE = 'Asia/Kolkata'
