import type { Authority } from '@doa-market/common/testing';

/** Everybody who may knock. The seller is the one whose things a request is about. */
export const CALLERS = [
  'nobody',
  'a guest',
  'a member',
  'the seller',
  'another seller',
  'an administrator',
  'queue-server',
  'bff-server',
  'a server that means another one',
] as const;
export type Caller = (typeof CALLERS)[number];

/** The status that a caller is answered with; `let in` where what is asked for decides, and not who asks. */
export type Expected = number | 'let in';
export type Answers = Record<Caller, Expected>;

const refused: Answers = {
  nobody: 401,
  'a guest': 403,
  'a member': 403,
  'the seller': 403,
  'another seller': 403,
  'an administrator': 403,
  'queue-server': 403,
  'bff-server': 403,
  'a server that means another one': 401,
};

/** Sellers, each about what is their own, and administrators. */
export const ofEditors = (status: number, elsewhere = status): Answers => ({
  ...refused,
  'the seller': status,
  'another seller': elsewhere,
  'an administrator': status,
});
export const ofAdministrators = (status: Expected): Answers => ({ ...refused, 'an administrator': status });
export const ofMembers: Answers = {
  ...ofAdministrators('let in'),
  ...{ 'a member': 'let in', 'the seller': 'let in', 'another seller': 'let in' },
};
export const ofVisitors: Answers = { ...ofMembers, 'a guest': 'let in' };
export const ofQueueServer: Answers = { ...refused, 'queue-server': 'let in' };
export const ofBffServer: Answers = { ...refused, 'bff-server': 'let in' };

/** The token of a caller; nobody has none. */
export async function tokenOf(
  authority: Authority,
  caller: Caller,
  sellerId: string,
): Promise<{ token?: string }> {
  const service = (name: string, aud: string) =>
    authority.token('SERVICE', `service:${name}`, { claims: { aud, sid: undefined } });
  const tokens: Record<Caller, () => Promise<string> | undefined> = {
    nobody: () => undefined,
    'a guest': () => authority.token('GUEST'),
    'a member': () => authority.token('MEMBER'),
    'the seller': () => authority.token('SELLER', sellerId),
    'another seller': () => authority.token('SELLER'),
    'an administrator': () => authority.token('ADMIN'),
    'queue-server': () => service('queue-server', 'product-server'),
    'bff-server': () => service('bff-server', 'product-server'),
    'a server that means another one': () => service('queue-server', 'member-server'),
  };
  const token = await tokens[caller]();
  return token ? { token } : {};
}
