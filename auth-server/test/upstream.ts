import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hash } from '@node-rs/argon2';

interface Account {
  memberId: string;
  role: string;
  password: string;
}

/** Answers `POST /internal/credentials` as member-server does, for the accounts it is given. */
export async function startMemberServer(accounts: Record<string, Account>) {
  const hashes = new Map<string, string>();
  for (const [email, { password }] of Object.entries(accounts)) {
    hashes.set(email, await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 }));
  }
  const tokens: string[] = [];
  let failing = false;
  const server = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/health') return response.end('{"status":"ok"}');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    tokens.push(request.headers.authorization ?? '');
    const { email } = JSON.parse(Buffer.concat(chunks).toString()) as { email: string };
    const account = accounts[email];
    if (failing) return response.writeHead(500).end('{}');
    if (!account) return response.writeHead(404).end('{}');
    const { memberId, role } = account;
    return response.end(
      JSON.stringify({
        memberId,
        email,
        name: 'A',
        role,
        passwordHash: hashes.get(email),
        emailVerified: true,
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The Authorization headers it has been called with. */
    tokens,
    fail: (value: boolean) => {
      failing = value;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
