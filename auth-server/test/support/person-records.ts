import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Certification, NewMember } from '@doa-market/common/contracts';
import type { MemberServer } from './member-server.ts';

type Fault = 'none' | 'answers 500' | 'hangs up' | 'hangs up afterwards';

const OWN = /^\/internal\/(?:identities|members\/([^/]+)\/(identities|certification))$/;

/** The part of /internal that is about who somebody is elsewhere and by law; the rest is asked of `members`. */
export async function startPersonRecords() {
  const identities = new Map<string, string>();
  const certifications = new Map<string, Certification>();
  let members: MemberServer | undefined;
  let fault: { how: Fault; path: RegExp } = { how: 'none', path: /^/ };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const body = await bodyOf(request);
    const how = fault.path.test(url) ? fault.how : 'none';
    if (how === 'hangs up') return void response.destroy();
    if (how === 'answers 500') return void response.writeHead(500).end();
    const { status, text } = OWN.test(url) ? own(url, body) : await forward(method, url, body);
    if (status === 201) linkNewcomer(body, text);
    if (how === 'hangs up afterwards') return void response.destroy();
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  }

  function own(url: string, body: string): { status: number; text?: string } {
    const [, memberId, what] = OWN.exec(url) ?? [];
    if (memberId === undefined) {
      const member = members?.members.get(identities.get(keyOf(body)) ?? '');
      if (!member) return { status: 404 };
      const { agreements: _, ...credentials } = member;
      return { status: 200, text: JSON.stringify(credentials) };
    }
    if (what === 'identities') return { status: link(memberId, keyOf(body)) };
    return { status: certify(memberId, JSON.parse(body) as Certification) };
  }

  function link(memberId: string, key: string): number {
    const owner = identities.get(key);
    const [provider] = key.split(' ');
    const has = [...identities].some(([it, id]) => id === memberId && it.startsWith(`${provider} `));
    if (owner !== undefined ? owner !== memberId : has) return 409;
    identities.set(key, memberId);
    return 204;
  }

  function linkNewcomer(body: string, text = ''): void {
    const { identity } = JSON.parse(body) as NewMember;
    const { memberId } = JSON.parse(text) as { memberId: string };
    if (identity) link(memberId, keyOf(JSON.stringify(identity)));
  }

  function certify(memberId: string, certification: Certification): number {
    const taken = [...certifications].some(([id, it]) => it.ci === certification.ci && id !== memberId);
    if (taken) return 409;
    certifications.set(memberId, certification);
    return 204;
  }

  async function forward(
    method: string,
    url: string,
    body: string,
  ): Promise<{ status: number; text?: string }> {
    const init = method === 'GET' ? {} : { body, headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${members?.url}${url}`, { method, ...init });
    const text = await response.text();
    return { status: response.status, ...(text && { text }) };
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certifications,
    /** Whose an identity is. */
    ownerOf: (provider: string, subject: string) => identities.get(`${provider} ${subject}`),
    inFrontOf: (memberServer: MemberServer) => {
      members = memberServer;
    },
    /** @param path which requests; all of them by default */
    fail: (how: Fault, path = /^/) => {
      fault = { how, path };
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
export type PersonRecords = Awaited<ReturnType<typeof startPersonRecords>>;

function keyOf(body: string): string {
  const { provider, subject } = JSON.parse(body) as { provider: string; subject: string };
  return `${provider} ${subject}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
