import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';

/** What the holder of a refresh token has: the session's id and a secret that is good for one use. */
export interface RefreshToken {
  sid: string;
  secret: Buffer;
}

const PREFIX = 'rt_';
const SID_BYTES = 16;
const SECRET_BYTES = 32;
const TAG_BYTES = 16;
const SECRET_END = SID_BYTES + SECRET_BYTES;
const TOKEN = /^rt_[A-Za-z0-9_-]{86}$/;

/**
 * `rt_` and base64url of session id, secret and tag. The tag shows that the token is one of ours, so one that was
 * made up about somebody's session never touches it. The next secret follows from the one before, so two uses at
 * once get the same successor, although nothing but digests is stored.
 */
export function createRefreshTokens(serverSecret: string) {
  const derive = (purpose: 'tag' | 'next', sid: Uint8Array, secret: Buffer) =>
    createHmac('sha256', serverSecret)
      .update(`refresh-token|${purpose}|`)
      .update(sid)
      .update(secret)
      .digest();
  const tagOf = (sid: Uint8Array, secret: Buffer) => derive('tag', sid, secret).subarray(0, TAG_BYTES);

  return {
    create: (sid: string): RefreshToken => ({ sid, secret: randomBytes(SECRET_BYTES) }),
    successorOf: ({ sid, secret }: RefreshToken): RefreshToken => ({
      sid,
      secret: derive('next', parse(sid), secret),
    }),
    write({ sid, secret }: RefreshToken): string {
      const id = parse(sid);
      return PREFIX + Buffer.concat([id, secret, tagOf(id, secret)]).toString('base64url');
    },
    /** Undefined for whatever is none of ours. */
    read(text: string): RefreshToken | undefined {
      if (!TOKEN.test(text)) return undefined;
      const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
      const sid = bytes.subarray(0, SID_BYTES);
      const secret = bytes.subarray(SID_BYTES, SECRET_END);
      if (!timingSafeEqual(bytes.subarray(SECRET_END), tagOf(sid, secret))) return undefined;
      return { sid: stringify(sid), secret };
    },
  };
}
export type RefreshTokens = ReturnType<typeof createRefreshTokens>;

/** What is stored of a secret. */
export const digestOf = ({ secret }: RefreshToken): string =>
  createHash('sha256').update(secret).digest('base64url');
