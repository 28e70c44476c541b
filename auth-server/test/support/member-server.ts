import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Agreement, NewMember } from '@doa-market/common/contracts';

export interface StoredMember {
  memberId: string;
  email: string;
  name: string;
  role: string;
  passwordHash: string | null;
  emailVerified: boolean;
  agreements: Agreement[];
}

interface Answer {
  status: number;
  body?: unknown;
}

/** Answers /internal as member-server does (contracts/credentials.ts), from memory. */
export async function startMemberServer() {
  const members = new Map<string, StoredMember>();
  const calls: string[] = [];
  const authorizations: string[] = [];
  let failure: 'none' | 'answers 500' | 'hangs up' = 'none';
  let beforeAnswer: (path: string) => Promise<void> | void = () => undefined;
  const fold = (email: string) => email.toLowerCase();
  const findByEmail = (email: string) => [...members.values()].find((it) => fold(it.email) === fold(email));

  function create(member: NewMember): Answer {
    const known = findByEmail(member.email);
    if (known?.emailVerified) return { status: 409 };
    if (known) members.delete(known.memberId);
    const memberId = randomUUID();
    members.set(memberId, { ...member, memberId, role: 'MEMBER' });
    return { status: 201, body: { memberId } };
  }
  function change(id: string, expected: unknown, apply: (member: StoredMember) => void): Answer {
    const member = members.get(id);
    if (!member) return { status: 404 };
    if (member.passwordHash !== expected) return { status: 409 };
    apply(member);
    return { status: 204 };
  }
  function answer(method: string, path: string, body: Record<string, unknown>): Answer {
    const [, id = '', what] = /^\/internal\/members\/([^/]+)(?:\/([a-z-]+))?$/.exec(path) ?? [];
    if (method === 'POST' && path === '/internal/credentials')
      return found(findByEmail(String(body['email'])));
    if (method === 'POST' && path === '/internal/members') return create(body as unknown as NewMember);
    if (method === 'GET' && id && !what) return found(members.get(id));
    if (method === 'PUT' && what === 'password') {
      return change(id, body['expected'], (it) => {
        it.passwordHash = String(body['passwordHash']);
      });
    }
    if (method === 'PUT' && what === 'email-verified') {
      return change(id, body['expected'], (it) => {
        it.emailVerified = true;
      });
    }
    return { status: 404 };
  }

  const server = createServer(async (request, response) => {
    const { method = '', url = '' } = request;
    if (url === '/health') return response.end('{"status":"ok"}');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    calls.push(`${method} ${url}`);
    authorizations.push(request.headers.authorization ?? '');
    await beforeAnswer(url);
    if (failure === 'hangs up') return response.destroy();
    if (failure === 'answers 500') return response.writeHead(500).end('{}');
    const text = Buffer.concat(chunks).toString();
    const { status, body } = answer(method, url, text ? JSON.parse(text) : {});
    response.setHeader('content-type', 'application/json');
    return response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    members,
    findByEmail,
    /** What it has been asked, as `METHOD /path`, and the `Authorization` that came with each. */
    calls,
    authorizations,
    add(member: Partial<StoredMember> & { email: string }): StoredMember {
      const stored = {
        memberId: randomUUID(),
        name: '김도아',
        role: 'MEMBER',
        passwordHash: null,
        emailVerified: true,
        agreements: [],
        ...member,
      };
      members.set(stored.memberId, stored);
      return stored;
    },
    fail: (how: typeof failure) => {
      failure = how;
    },
    /** Called with the path before each answer: to let something happen in between. */
    before: (listener: typeof beforeAnswer) => {
      beforeAnswer = listener;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
export type MemberServer = Awaited<ReturnType<typeof startMemberServer>>;

function found(member: StoredMember | undefined): Answer {
  if (!member) return { status: 404 };
  const { agreements: _, ...credentials } = member;
  return { status: 200, body: credentials };
}
