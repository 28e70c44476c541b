import { randomUUID } from 'node:crypto';
import { currentContext } from '@doa-market/common/context';
import { unavailable } from '@doa-market/common/errors';
import type { Redis } from '@doa-market/common/redis';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Envelope } from './envelope.ts';
import { type MailJob, type MailKind, parseJob } from './jobs.ts';

/** When each is due, what each says, and how often each has been tried. */
const KEYS = ['mail:{outbox}:due', 'mail:{outbox}:jobs', 'mail:{outbox}:attempts'];
/** Milliseconds after which a job that somebody took is free again: they were killed, or are too slow. */
const LEASE = 60_000;

const ADD = `
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
`;

const TAKE = `
local id = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
if not id then return nil end
redis.call('ZADD', KEYS[1], ARGV[2], id)
return { id, redis.call('HGET', KEYS[2], id), redis.call('HINCRBY', KEYS[3], id, 1) }
`;

const REMOVE = `
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
`;

/** Only what is still there is put off. */
const PUT_OFF = "redis.call('ZADD', KEYS[1], 'XX', ARGV[2], ARGV[1])";

const takenValidator = Compile(
  Type.Union([Type.Null(), Type.Tuple([Type.String(), Type.String(), Type.Integer()])]),
);

interface OutboxOptions {
  redis: Redis;
  envelope: Envelope;
  now: () => number;
}

/** Mail that is to be sent, kept in Redis until it is: who adds to it may be killed, and so may who sends it. */
export function createOutbox({ redis, envelope, now }: OutboxOptions) {
  const run = (script: string, ...args: (string | number)[]): Promise<unknown> =>
    redis.eval(script, KEYS.length, ...KEYS, ...args).catch((error: unknown) => {
      throw unavailable(error);
    });
  let wake = () => undefined as unknown;

  return {
    /** @throws {ProblemError} 503 */
    async add(kind: MailKind, email: string): Promise<void> {
      const job: MailJob = { kind, email, requestId: currentContext()?.requestId ?? randomUUID() };
      await run(ADD, randomUUID(), envelope.seal(JSON.stringify(job)), now());
      wake();
    },
    /** The next one that is due, for a minute; `attempt` counts from 1. */
    async take(): Promise<{ id: string; attempt: number; open: () => MailJob } | undefined> {
      const taken = takenValidator.Parse((await run(TAKE, now(), now() + LEASE)) ?? null);
      if (!taken) return undefined;
      const [id, sealed, attempt] = taken;
      return { id, attempt, open: () => parseJob(envelope.open(sealed)) };
    },
    remove: (id: string): Promise<unknown> => run(REMOVE, id),
    /** @param delay milliseconds */
    putOff: (id: string, delay: number): Promise<unknown> => run(PUT_OFF, id, now() + delay),
    /** Calls `listener` when this process adds something. */
    onAdd(listener: () => void): void {
      wake = listener;
    },
  };
}
export type Outbox = ReturnType<typeof createOutbox>;
