import { ServiceTokenSchema } from '../contracts/index.ts';
import type { ServiceClient } from '../http/index.ts';

/** Milliseconds before its end from which a token is not used any more: the call has to arrive with it. */
const MARGIN = 10_000;

interface ServiceTokenOptions {
  authServer: ServiceClient;
  /** `name:secret` of this server. */
  serviceKey: string;
  /** The callee's folder name. */
  audience: string;
  now?: () => number;
}

/** The token with which this server calls another one: asked for once, kept until shortly before it ends. */
export function createServiceTokens({
  authServer,
  serviceKey,
  audience,
  now = Date.now,
}: ServiceTokenOptions) {
  let kept: { token: Promise<string>; until: number } | undefined;

  async function fetch(): Promise<string> {
    const answer = await authServer.post(
      '/internal/service-tokens',
      ServiceTokenSchema,
      { audience },
      { basic: serviceKey },
    );
    if (kept) kept.until = now() + answer.expiresIn * 1_000 - MARGIN;
    return answer.accessToken;
  }

  /** @throws {UpstreamError} */
  return function serviceToken(): Promise<string> {
    if (kept && now() < kept.until) return kept.token;
    const token = fetch();
    const attempt = { token, until: Number.POSITIVE_INFINITY };
    kept = attempt;
    token.catch(() => {
      if (kept === attempt) kept = undefined;
    });
    return token;
  };
}
export type ServiceTokens = ReturnType<typeof createServiceTokens>;
