import { randomUUID } from 'node:crypto';
import type { NewMember } from '@doa-market/common/contracts';
import { MemberIdSchema } from '@doa-market/common/contracts';
import { until } from '@doa-market/common/testing';
import { Value } from 'typebox/value';
import type { Answer, Call, Shop } from './shop.ts';

export const newEmail = (): string => `${randomUUID()}@doa.market`;

export const newMember = (facts: Partial<NewMember> = {}): NewMember => ({
  email: newEmail(),
  name: '김도아',
  passwordHash: '$argon2id$stored',
  emailVerified: true,
  agreements: [
    { document: 'TERMS', version: '2026-11-01' },
    { document: 'PRIVACY', version: '2026-11-01' },
  ],
  ...facts,
});

export const memberIdIn = (answer: Answer): string => Value.Parse(MemberIdSchema, answer.body).memberId;

/** Asks again, as Retry-After says, while a crowd waits for the connections to the database. */
export async function patiently(ask: () => Promise<Answer>): Promise<Answer> {
  let answer = await ask();
  await until(async () => {
    if (answer.status === 503) answer = await ask();
    return answer.status !== 503;
  }, 'an answer that is not 503');
  return answer;
}

/** What auth-server sends to /internal. */
export async function asAuthServer(shop: Shop) {
  const claims = { aud: 'member-server', sid: undefined };
  const token = await shop.authority.token('SERVICE', 'service:auth-server', { claims });
  const send = (method: string, path: string, call: Call = {}) =>
    shop.call(method, `/internal${path}`, { token, ...call });
  return {
    send,
    create: (body: object, headers: Record<string, string> = {}) =>
      send('POST', '/members', { body, headers }),
    async register(facts: Partial<NewMember> = {}): Promise<string> {
      const body = newMember(facts);
      return memberIdIn(await patiently(() => send('POST', '/members', { body })));
    },
    byEmail: (email: string) => send('POST', '/credentials', { body: { email } }),
    byId: (id: string) => send('GET', `/members/${id}`),
    put: (id: string, what: string, body: object) => send('PUT', `/members/${id}/${what}`, { body }),
    byIdentity: (provider: string, subject: string) =>
      send('POST', '/identities', { body: { provider, subject } }),
  };
}
export type AuthServerCalls = Awaited<ReturnType<typeof asAuthServer>>;
