import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from '@doa-market/scripts/server-process';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ask, keepAlive } from '../proxy/ask.ts';

/** Seconds that a buyer who is never heard of again holds what they took. */
const TTL = 3;
/** Milliseconds between two attempts. */
const PAUSE = 20;

const HoldIdSchema = Type.Object({ id: Type.String() });

interface Outcome {
  status: number;
  body: unknown;
}

/** Callers of a few processes, any of which may be gone at any time. */
export function createBuyers(servers: readonly ServerProcess[], token: string) {
  const agent = keepAlive();
  const times: number[] = [];
  const any = () => servers[Math.floor(Math.random() * servers.length)]?.url ?? '';
  const once = (path: string, body?: object) => askAt(any(), path, body);

  async function askAt(url: string, path: string, body?: object): Promise<Outcome> {
    const reply = await ask(`${url}/internal/v1${path}`, {
      agent,
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer: unknown = JSON.parse(reply.body.toString());
    return { status: reply.status, body: answer };
  }

  /** Until it is known, as an order does. */
  async function insist(path: string, body?: object): Promise<Outcome> {
    for (;;) {
      const outcome = await once(path, body).catch(() => undefined);
      if (outcome && outcome.status < 500) return outcome;
      await delay(PAUSE);
    }
  }

  return {
    once,
    ask: ({ url }: ServerProcess, path: string, body: object = {}) => askAt(url, path, body),
    insist,
    /** Milliseconds that each hold took, refusals and attempts at dead processes included. */
    times,
    /** @returns whether it was bought: of those who get it, seven in ten pay, and two give it back */
    async buy(path: string, wish: object): Promise<boolean> {
      const claim = { owner: `buyer:${randomUUID()}`, key: 'bench', ttl: TTL };
      const begin = performance.now();
      const { status, body } = await insist(path, { ...claim, ...wish });
      times.push(performance.now() - begin);
      if (status !== 201) return false;
      const { id } = Value.Parse(HoldIdSchema, body);
      const mind = Math.random();
      if (mind < 0.1) return false;
      const end = await insist(`/holds/${id}/${mind < 0.3 ? 'release' : 'confirm'}`);
      return mind >= 0.3 && end.status === 200;
    },
    close: () => agent.destroy(),
  };
}
