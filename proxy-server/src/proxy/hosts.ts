import { ProblemError } from '@doa-market/common/errors';

/** reg-name, IPv4 or bracketed IPv6, and an optional port; no user info, no list. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/;

interface HostRules {
  allowed: readonly string[];
  /** Our own port and the public one: what an entry without a port stands for. */
  ports: readonly number[];
}

/**
 * Builds the check of the Host header. The host is part of every cache key and of the links an
 * origin may write, so a host that was not asked for is refused (RFC 9110 section 15.5.20).
 */
export function createHostCheck({ allowed, ports }: HostRules) {
  const hosts = new Set(allowed.flatMap((entry) => spellings(entry.toLowerCase(), ports)));

  /** @returns the host as keys spell it. @throws {ProblemError} 400 malformed, 421 not ours */
  return (header: string | null): string => {
    const host = header?.toLowerCase() ?? '';
    if (hosts.has(host)) return host;
    if (!HOST.test(host)) throw new ProblemError(400, 'REQ_4001', 'The Host header is missing or malformed.');
    throw new ProblemError(421, 'REQ_4001', 'This server does not answer for that host.');
  };
}
export type HostCheck = ReturnType<typeof createHostCheck>;

function spellings(entry: string, ports: readonly number[]): string[] {
  const hasPort = HOST.exec(entry)?.[1] !== undefined;
  return hasPort ? [entry] : [entry, ...ports.map((port) => `${entry}:${port}`)];
}
