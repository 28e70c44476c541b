import { compare } from './compare.ts';

/** The home page from the proxy's cache against the same page from `next start`, both of a running local stack. */

const headers = { 'Accept-Encoding': 'gzip, br' };
const proxy = process.env['PROXY_SERVER_URL'] ?? 'http://localhost:9000';
const next = process.env['NEXT_SERVER'] ?? 'http://127.0.0.1:3000';

await compare('home page, proxy-server HIT / next start', 40, [
  { name: 'proxy-server (HIT)', url: `${proxy}/`, headers },
  { name: 'next start (ISR)', url: `${next}/`, headers },
]);
