import { AccessTokenSchema } from '@doa-market/common/contracts';
import { Value } from 'typebox/value';

/** The running local stack in front of which things are measured. */

export const NEXT = process.env['NEXT_SERVER'] ?? 'http://127.0.0.1:3000';
export const BFF = process.env['BFF_SERVICE_URL'] ?? 'http://127.0.0.1:3001';
export const AUTH = process.env['AUTH_SERVICE_URL'] ?? 'http://127.0.0.1:4000';

const BASIC = process.env['AUTH_BASIC_KEY'] ?? 'doa-web:doa-web-development-secret';

/** A guest's token, which every server of the stack believes. */
export async function guestToken(): Promise<string> {
  const authorization = `Basic ${Buffer.from(BASIC).toString('base64')}`;
  const response = await fetch(`${AUTH}/api/auth/guest`, { method: 'POST', headers: { authorization } });
  return Value.Parse(AccessTokenSchema, await response.json()).accessToken;
}
