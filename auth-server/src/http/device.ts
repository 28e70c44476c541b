import { BlockList, isIP } from 'node:net';
import type { Context } from 'koa';

/** What a request tells of where it comes from. */
export interface Device {
  /** The caller's own, past our gateways. */
  address: string;
  userAgent: string;
}

const MAX_USER_AGENT = 256;

/**
 * Reads the caller's address out of `X-Forwarded-For`, as far as our own gateways wrote it: from its end, past every
 * address that is a trusted one's. What stands before the first that is not ours may be made up.
 * @param trustedGateways addresses and CIDR ranges, comma separated
 */
export function createDeviceReader(trustedGateways: string) {
  const trusted = new BlockList();
  for (const entry of trustedGateways.split(',').map((it) => it.trim())) {
    if (entry === '') continue;
    const [address = '', prefix] = entry.split('/');
    if (isIP(address) === 0) throw new Error(`TRUSTED_GATEWAYS: ${entry} is not an address or a range`);
    if (prefix === undefined) trusted.addAddress(address, familyOf(address));
    else trusted.addSubnet(address, Number(prefix), familyOf(address));
  }
  const isTrusted = (address: string) => isIP(address) !== 0 && trusted.check(address, familyOf(address));

  function addressOf(ctx: Context): string {
    const hops = ctx.get('X-Forwarded-For').split(',').map(plain).reverse();
    let address = plain(ctx.req.socket.remoteAddress ?? '');
    for (const hop of hops) {
      if (!isTrusted(address) || isIP(hop) === 0) break;
      address = hop;
    }
    return address;
  }

  return (ctx: Context): Device => ({
    address: addressOf(ctx),
    userAgent: ctx.get('User-Agent').slice(0, MAX_USER_AGENT),
  });
}
export type DeviceReader = ReturnType<typeof createDeviceReader>;

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Without a zone; an IPv4 address that came through an IPv6 socket is the IPv4 address. */
const plain = (address: string) =>
  address
    .trim()
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/i, '');

/** An address without what tells one household from another: the last octet, or the last 64 bits. */
export function shortened(address: string): string {
  if (isIP(address) === 4) return address.replace(/\d+$/, '0');
  if (isIP(address) !== 6) return '';
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail?.split(':').filter(Boolean) ?? [];
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::`;
}
