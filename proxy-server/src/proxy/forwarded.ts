const FORWARDED_HEADERS = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-server',
  'x-real-ip',
  'x-original-url',
  'x-rewrite-url',
];

interface Hop {
  peer: string;
  host: string;
  /** Whether the peer is one of our own proxies, whose word on the earlier hops is taken. */
  trusted: boolean;
}

/** Says who asked (RFC 7239 and its X- forerunners); what an untrusted peer claims is dropped. */
export function setForwarded(headers: Headers, { peer, host, trusted }: Hop): void {
  const before = {
    forwarded: headers.get('forwarded'),
    for: headers.get('x-forwarded-for'),
    proto: headers.get('x-forwarded-proto'),
    host: headers.get('x-forwarded-host'),
  };
  for (const name of FORWARDED_HEADERS) headers.delete(name);

  const proto = (trusted && before.proto) || 'http';
  const element = `for=${nodeName(peer)};host="${host}";proto=http`;
  headers.set('Forwarded', trusted && before.forwarded ? `${before.forwarded}, ${element}` : element);
  headers.set('X-Forwarded-For', trusted && before.for ? `${before.for}, ${peer}` : peer);
  headers.set('X-Forwarded-Proto', proto);
  headers.set('X-Forwarded-Host', (trusted && before.host) || host);
}

/** IPv6 is bracketed and quoted (RFC 7239 section 6). */
const nodeName = (address: string) => (address.includes(':') ? `"[${address}]"` : address);
