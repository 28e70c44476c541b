import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { echo, startOrigin } from './origin.ts';

export const BASIC = `Basic ${Buffer.from('doa-web:doa-web-development-secret').toString('base64')}`;
export const MEMBER_ID = '01900000-0000-7000-8000-000000000001';

interface TokenOptions {
  role?: string;
  sub?: string;
  /** Seconds from now. */
  expiresIn?: number;
}

/** An access token as auth-server writes it, but for the signature: the edge does not look at it. */
export function jwt({ role = 'MEMBER', sub = MEMBER_ID, expiresIn = 900 }: TokenOptions = {}): string {
  const now = Math.floor(Date.now() / 1_000);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub, role, iat: now, exp: now + expiresIn, jti: randomUUID() };
  return `${part({ alg: 'ES256', typ: 'at+jwt' })}.${part(claims)}.${randomBytes(64).toString('base64url')}`;
}

export const refreshToken = (): string => `rt_${randomBytes(64).toString('base64url')}`;

export function sessionTokens(access: TokenOptions = {}) {
  const expiresIn = access.expiresIn ?? 900;
  return {
    accessToken: jwt(access),
    tokenType: 'Bearer',
    expiresIn,
    role: access.role ?? 'MEMBER',
    memberId: MEMBER_ID,
    sessionId: '01900000-0000-7000-8000-0000000000aa',
    refreshToken: refreshToken(),
    refreshExpiresIn: 604_800,
  };
}
export type Tokens = ReturnType<typeof sessionTokens>;

export interface Call {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}
type Answer = (call: Call, response: ServerResponse) => void;

export function json(
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...(text && { 'Content-Type': 'application/json' }),
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'private, no-store',
    ...headers,
  });
  response.end(text);
}

export const problem = (response: ServerResponse, status: number, code: string): void =>
  json(response, status, { status, code }, { 'Content-Type': 'application/problem+json' });

/** As the gateway refuses a token that is no good any more. */
export const refuse = (response: ServerResponse): void =>
  json(
    response,
    401,
    { status: 401, code: 'AUTH_1005' },
    {
      'Content-Type': 'application/problem+json',
      'WWW-Authenticate': 'Bearer realm="doa-market", error="invalid_token"',
    },
  );

/**
 * A gateway with auth-server behind it that keeps to the contract: guests by their name, sessions with
 * rotation and a grace for the predecessor. Whatever else is asked of it is echoed.
 */
export async function startGateway(answers: Record<string, Answer> = {}) {
  const calls: Call[] = [];
  const sessions = new Map<string, { current: Tokens; previous: string | undefined }>();

  const standard: Record<string, Answer> = {
    'POST /api/auth/guest': ({ body }, response) => {
      const sub = String(body['visitorId'] ?? randomUUID());
      const accessToken = jwt({ role: 'GUEST', sub });
      json(response, 201, { accessToken, tokenType: 'Bearer', expiresIn: 900, role: 'GUEST' });
    },
    'POST /api/auth/login': ({ body }, response) => {
      if (body['password'] !== 'correct horse') return problem(response, 401, 'AUTH_1004');
      json(response, 200, gateway.openSession());
    },
    'POST /api/auth/refresh': ({ body }, response) => {
      const token = String(body['refreshToken']);
      const session = [...sessions.values()].find(
        (it) => it.current.refreshToken === token || it.previous === token,
      );
      if (!session) return problem(response, 401, 'AUTH_1009');
      if (session.previous !== token) {
        session.previous = token;
        session.current = sessionTokens();
      }
      json(response, 200, session.current);
    },
    'POST /api/auth/logout': ({ body }, response) => {
      for (const [id, { current, previous }] of sessions) {
        if ([current.refreshToken, previous].includes(String(body['refreshToken']))) sessions.delete(id);
      }
      json(response, 204);
    },
    'POST /api/cart/merge': (_call, response) => json(response, 204),
  };

  const origin = await startOrigin((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const method = request.method ?? '';
    const answer = answers[`${method} ${path}`] ?? standard[`${method} ${path}`];
    if (!answer) {
      calls.push({ method, path, headers: request.headers, body: {} });
      echo(request, response);
      return;
    }
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const call = { method, path, headers: request.headers, body: text ? JSON.parse(text) : {} };
      calls.push(call);
      answer(call, response);
    });
  }, {});

  const gateway = {
    ...origin,
    calls,
    /** What was asked at one path, in order. */
    callsTo: (path: string) => calls.filter((call) => call.path === path),
    answers,
    /** A session as a login leaves it. */
    openSession(access: TokenOptions = {}): Tokens {
      const current = sessionTokens(access);
      sessions.set(current.refreshToken, { current, previous: undefined });
      return current;
    },
    endSessions: () => sessions.clear(),
  };
  return gateway;
}
export type Gateway = Awaited<ReturnType<typeof startGateway>>;
