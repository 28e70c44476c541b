import { randomUUID } from 'node:crypto';
import { type AccessToken, AccessTokenSchema } from '@doa-market/common/contracts';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { type Dispatcher, request } from 'undici';
import type { Environment } from './environment';
import { GatewayError, MovedError, NotFoundError } from './errors';
import { createGuestTokens } from './guest-token';

export interface GatewayClient {
  /** The answer to `GET path`, which has to be of the shape that `schema` says. */
  get<T extends TSchema>(path: string, schema: T): Promise<Static<T>>;
}

type Answer = Dispatcher.ResponseData;

/**
 * Reads through the gateway as a guest. It goes past Next's own fetch on purpose: that one would keep an entry
 * per token and per request id, while what is cached here is the page.
 */
export function createGatewayClient(environment: Environment): GatewayClient {
  const { gatewayUrl, basicKey, requestTimeout, firstPartyToken } = environment;
  const tokens = createGuestTokens({ issue: issueGuestToken });

  async function issueGuestToken(): Promise<AccessToken> {
    const requestId = randomUUID();
    const answer = await send('POST', '/api/auth/guest', {
      requestId,
      authorization: `Basic ${Buffer.from(basicKey).toString('base64')}`,
      signal: AbortSignal.timeout(requestTimeout),
    });
    const body = await readJson(answer, requestId);
    if (answer.statusCode !== 201 || !Value.Check(AccessTokenSchema, body))
      throw new GatewayError(`No guest token: answered ${answer.statusCode}`, requestId);
    return body;
  }

  function send(
    method: 'GET' | 'POST',
    path: string,
    { requestId, authorization, signal }: { requestId: string; authorization: string; signal: AbortSignal },
  ): Promise<Answer> {
    const headers = {
      accept: 'application/json',
      authorization,
      'x-request-id': requestId,
      ...(firstPartyToken && { 'x-warmup-token': firstPartyToken }),
    };
    return request(gatewayUrl + path, { method, headers, signal }).catch((cause: unknown) => {
      throw new GatewayError(`${method} ${path} got no answer`, requestId, { cause });
    });
  }

  async function sendAsGuest(path: string, requestId: string): Promise<Answer> {
    const signal = AbortSignal.timeout(requestTimeout);
    const token = await tokens.get();
    const answer = await send('GET', path, { requestId, authorization: `Bearer ${token}`, signal });
    if (answer.statusCode !== 401) return answer;

    await answer.body.dump();
    tokens.discard(token);
    return send('GET', path, { requestId, authorization: `Bearer ${await tokens.get()}`, signal });
  }

  return {
    async get(path, schema) {
      const requestId = randomUUID();
      const answer = await sendAsGuest(path, requestId);
      const { statusCode, headers } = answer;
      if (statusCode !== 200) await answer.body.dump();
      if (statusCode === 404) throw new NotFoundError(path);
      if ((statusCode === 301 || statusCode === 308) && typeof headers['location'] === 'string')
        throw new MovedError(headers['location']);
      if (statusCode !== 200) throw new GatewayError(`GET ${path} answered ${statusCode}`, requestId);

      const body = await readJson(answer, requestId);
      if (!Value.Check(schema, body)) {
        const first = Value.Errors(schema, body)[0];
        const where = first ? `${first.instancePath || '/'} ${first.message}` : 'unknown';
        throw new GatewayError(`GET ${path} has an unexpected shape: ${where}`, requestId);
      }
      return body;
    },
  };
}

async function readJson(answer: Answer, requestId: string): Promise<unknown> {
  try {
    return await answer.body.json();
  } catch (cause) {
    throw new GatewayError('The answer could not be read', requestId, { cause });
  }
}
