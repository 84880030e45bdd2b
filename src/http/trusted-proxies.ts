import { BlockList, isIP } from 'node:net'
import type { LiveConfig } from '../config/live.ts'

/** Whether `X-Forwarded-For` from this address is trusted: `http.trusted_proxies` of the current configuration. */
export const trustedProxies = (live: LiveConfig): ((address: string) => boolean) => {
  let seen: readonly string[] | null = null
  let blocks = new BlockList()
  return (address) => {
    const { trusted_proxies: list } = live.current().http
    if (list !== seen) {
      seen = list
      blocks = blocksOf(list)
    }
    const family = isIP(address)
    return family !== 0 && list.length > 0 && blocks.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }
}

const blocksOf = (list: readonly string[]): BlockList => {
  const blocks = new BlockList()
  for (const block of list) {
    const [address = '', bits] = block.split('/')
    const isV4 = isIP(address) === 4
    blocks.addSubnet(address, bits === undefined ? (isV4 ? 32 : 128) : Number(bits), isV4 ? 'ipv4' : 'ipv6')
  }
  return blocks
}
