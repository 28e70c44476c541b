import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { ask, type Reply } from '../proxy/ask.ts';

/** Milliseconds after which a buyer's browser gives up an answer. */
const PATIENCE = 6_000;
/** Milliseconds between two attempts, at first and at most. */
const PAUSE = 100;
const LONGEST_PAUSE = 1_000;
/** Milliseconds after which a buyer gives up altogether. */
const LAST = 120_000;

const ProblemSchema = Type.Object({ code: Type.String() });

export interface Answer {
  status: number;
  body: unknown;
  /** Of a problem; empty otherwise. */
  code: string;
}

/** What an answer says. @throws where it is none of that kind, with what it was */
export function parsed<Schema extends TSchema>(schema: Schema, { status, body }: Answer): Static<Schema> {
  if (Value.Check(schema, body)) return body;
  throw new Error(`${status} ${JSON.stringify(body)}`);
}

export interface Call {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  body?: object;
  queueToken?: string | undefined;
}

/** Thrown by a buyer who got no word for minutes: that is a finding. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/**
 * A good client of servers that may be gone at any moment: what is not known is asked again, under the same key.
 * @param token the access token that it comes with
 */
export function createClient(url: string, token: string) {
  // A connection for each request, so that they go to every process, also to one that has just come back.
  const agent = new Agent();

  async function once({ method, path, body, queueToken }: Call, key: string): Promise<Answer> {
    const reply: Reply = await ask(`${url}${path}`, {
      agent,
      method,
      leaveAfter: PATIENCE,
      headers: {
        authorization: `Bearer ${token}`,
        ...(method === 'POST' && { 'x-idempotency-key': key }),
        ...(queueToken && { 'x-queue-token': queueToken }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = reply.body.toString();
    const parsed: unknown = text ? JSON.parse(text) : null;
    const code = Value.Check(ProblemSchema, parsed) && reply.status >= 400 ? parsed.code : '';
    return { status: reply.status, body: parsed, code };
  }

  const isUnknown = ({ status, code }: Answer): boolean =>
    status >= 500 || status === 429 || code === 'IDEM_4090';

  return {
    /** @throws {NoAnswer} */
    async insist(call: Call, key: string = randomUUID()): Promise<Answer> {
      let last: unknown;
      let pause = PAUSE;
      for (const end = performance.now() + LAST; performance.now() < end; await delay(pause)) {
        pause = Math.min(1.5 * pause, LONGEST_PAUSE);
        try {
          const answer = await once(call, key);
          if (!isUnknown(answer)) return answer;
          last = `${answer.status} ${answer.code}`;
        } catch (error) {
          last = error;
        }
      }
      throw new NoAnswer(`${call.method} ${call.path}: ${last}`);
    },
    close: () => agent.destroy(),
  };
}
export type Client = ReturnType<typeof createClient>;
