import 'server-only';
import { createHash, timingSafeEqual } from 'node:crypto';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

const WishSchema = Type.Object(
  {
    tags: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1, maxItems: 1_000 }),
  },
  { additionalProperties: false },
);

const sha256 = (value: string) => createHash('sha256').update(value).digest();

/** Equal hashes, so that time tells nothing of the token. */
export const mayRevalidate = (headers: Headers, token: string): boolean =>
  timingSafeEqual(sha256(headers.get('authorization') ?? ''), sha256(`Bearer ${token}`));

/** The tags that a body names, or undefined where it is no such body. */
export async function tagsIn(request: Request): Promise<string[] | undefined> {
  const body: unknown = await request.json().catch(() => undefined);
  return Value.Check(WishSchema, body) ? [...new Set(body.tags)] : undefined;
}
