import { type PageQuery, pageMeta } from '@doa-market/common/contracts';
import { unavailable } from '@doa-market/common/errors';
import type { Logger } from '@doa-market/common/logging';
import type { Redis } from '@doa-market/common/redis';
import { type Device, shortened } from '../http/device.ts';
import {
  type SecurityEvent,
  type SecurityEventPage,
  type SecurityEventType,
  storedEvent,
} from './schemas.ts';

const MAX_EVENTS = 200;
const RETENTION_SECONDS = 180 * 86_400;

/** One step, so that no stream is ever left without its end. */
const RECORD = `
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'event', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[2])
`;

/** What has happened to a member's access, for their own eyes and for the log. */
export function createSecurityEvents({ redis, logger, now }: Dependencies) {
  const keyOf = (memberId: string) => `security:${memberId}`;

  return {
    /** Never fails: what happened has happened, whether it can be written down or not. */
    async record(memberId: string, type: SecurityEventType, device?: Device): Promise<void> {
      const event: SecurityEvent = {
        type,
        occurredAt: new Date(now()).toISOString(),
        address: shortened(device?.address ?? ''),
        device: device?.userAgent ?? '',
      };
      logger.info({ memberId, type, address: event.address }, 'security event');
      await redis
        .eval(RECORD, 1, keyOf(memberId), MAX_EVENTS, RETENTION_SECONDS, JSON.stringify(event))
        .catch((error: unknown) => logger.warn({ err: error, memberId, type }, 'security event not kept'));
    },
    /** Newest first. @throws {ProblemError} 503 */
    async list(memberId: string, query: PageQuery): Promise<SecurityEventPage> {
      const entries = await redis.xrevrange(keyOf(memberId), '+', '-').catch((error: unknown) => {
        throw unavailable(error);
      });
      const start = (query.page - 1) * query.limit;
      const data = entries.slice(start, start + query.limit).map(([, fields]) => storedEvent(fields[1]));
      return { data, meta: pageMeta(query, entries.length) };
    },
  };
}
export type SecurityEvents = ReturnType<typeof createSecurityEvents>;

interface Dependencies {
  redis: Redis;
  logger: Logger;
  now: () => number;
}
