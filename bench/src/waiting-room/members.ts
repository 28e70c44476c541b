import { KeyObject, randomUUID, sign } from 'node:crypto';
import { USER_AUDIENCE } from '@doa-market/common/auth';
import type { Authority } from '@doa-market/common/testing';

export interface Member {
  id: string;
  token: string;
}

/** Seconds: longer than any benchmark. */
const LIFETIME = 3_000;

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Makes members, each with an access token of its own as auth-server would sign it; a hundred thousand in seconds. */
export function createMembers({ kid, issuer, privateKey }: Authority) {
  const key = { key: KeyObject.from(privateKey), dsaEncoding: 'ieee-p1363' } as const;
  const header = encoded({ alg: 'ES256', typ: 'at+jwt', kid });

  return function member(role = 'MEMBER'): Member {
    const id = randomUUID();
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: issuer, aud: USER_AUDIENCE, sub: id, sid: randomUUID(), jti: randomUUID(), role };
    const body = `${header}.${encoded({ ...claims, iat: now, nbf: now, exp: now + LIFETIME })}`;
    const signature = sign('sha256', Buffer.from(body), key).toString('base64url');
    return { id, token: `${body}.${signature}` };
  };
}
