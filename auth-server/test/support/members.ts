import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hash } from '@node-rs/argon2';

export const PASSWORD = '긴 비밀번호 하나';

export interface TestMember {
  memberId: string;
  email: string;
}

/** A member whom the stand-in below knows. */
export function someMember(): TestMember {
  const memberId = randomUUID();
  return { memberId, email: `${memberId}@doa.market` };
}

/**
 * Stands in for member-server: whoever asks for `<member id>@doa.market` is told of a member with that id and `PASSWORD`.
 */
export async function startMembers() {
  const passwordHash = await hash(PASSWORD, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  let answering: () => Promise<void> | void = () => undefined;
  const server = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/health') return response.end('{"status":"ok"}');
    let body = '';
    for await (const chunk of request) body += chunk;
    const { email } = JSON.parse(body) as { email: string };
    const memberId = email.replace('@doa.market', '');
    const answer = { memberId, email, name: '김도아', role: 'MEMBER', passwordHash, emailVerified: true };
    await answering();
    return response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What happens between the reading of a record and its answer. */
    beforeAnswering: (happens: typeof answering) => {
      answering = happens;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
