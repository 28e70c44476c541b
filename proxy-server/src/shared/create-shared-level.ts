import { randomUUID } from 'node:crypto';
import type { Logger } from '@doa-market/common/logging';
import { createRedis } from '@doa-market/common/redis';
import { createClaims } from './claims.ts';
import { createCommands } from './commands.ts';
import { within } from './deadline.ts';
import { createHoldings } from './holdings.ts';
import { createLink } from './link.ts';
import { channelOf } from './names.ts';
import { createPurgeWatch } from './purge-watch.ts';
import { type EndedRender, messageIn } from './replies.ts';
import type { SharedLevel, SharedLevelEvents } from './shared-level.ts';
import { createSubscription } from './subscription.ts';
import { createWaiting } from './waiting.ts';

export interface SharedLevelOptions extends SharedLevelEvents {
  /** redis://… */
  url: string;
  logger: Logger;
  /** Milliseconds that an answer of Redis may take. */
  patience?: number;
  /** Milliseconds that a killed owner delays the others at most. */
  lockTtl?: number;
  /** Milliseconds that a render is waited for. */
  renderLimit?: number;
  /** Milliseconds that anything is kept, whatever its entry asks for. */
  keepAtMost?: number;
}

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
/** Milliseconds: a command, or a first connection, is given up, and a connection on which nothing comes is replaced. */
const TIMEOUT = SECOND;
const SILENCE = 1.5 * SECOND;

/**
 * The second level of the cache: entries in Redis, one render at a time over all processes, purges known to all.
 *
 * - `html_cache:…` (the caller's key): a hash of payload, checksum, version, tags and epoch, with a time to live.
 * - `html_shared:lock:<key>`: the token of the process that renders it. It expires soon; its owner prolongs it.
 * - `html_shared:purges`: a stream of the last purges. `html_shared:purged:<tag>`: when a tag was purged last, for
 *   longer than any entry lives. An entry older than the last purge of one of its tags is none, so a purge costs as
 *   much as it has tags, not as many entries as they have, and wins over every render that was claimed before it.
 * - channel `html_shared:<database>:events`: purges, and renders that ended. Whatever is lost there is found by
 *   looking: at the log twice a second, at the locks that are waited for several times a second.
 *
 * The steps are the scripts of scripts.ts. While Redis is silent nobody asks it anything, but for the look at the log.
 */
export async function createSharedLevel(options: SharedLevelOptions): Promise<SharedLevel> {
  const { url, logger, patience = 100, lockTtl = 3 * SECOND } = options;
  const { renderLimit = 30 * SECOND, keepAtMost = DAY } = options;
  const redis = createRedis(url, { name: 'proxy-cache', logger, timeout: TIMEOUT, silence: SILENCE });
  const channel = channelOf(redis.options.db ?? 0);
  const commands = createCommands(redis, { channel, keepAtMost });
  const link = createLink(redis, { patience, onOpen: () => purges.look() });
  const purges = createPurgeWatch({ link, commands, events: options });
  const holdings = createHoldings({ link, commands, lockTtl, renderLimit });
  const waiting = createWaiting(link, commands);

  const me = randomUUID();
  let tokens = 0;
  const nextToken = () => `${me}:${++tokens}`;
  const claim = createClaims({ link, commands, holdings, lockTtl, wait: waiting.wait, nextToken });

  function ended({ kind, key, version }: EndedRender): void {
    waiting.heard(key, version, kind);
    if (kind === 'stored' && !version.startsWith(me)) options.onStored(key, version);
  }
  function onMessage(text: string): void {
    const message = messageIn(text);
    if (message?.kind === 'purged') purges.heard(message);
    else if (message) ended(message);
  }
  const subscription = createSubscription(redis, { channel, onMessage, onSubscribed: purges.look });
  redis.on('ready', purges.look);
  const connections = [redis.connect(), subscription.start()];
  // A Redis that is away or hung is found by those who go on trying.
  await within(Promise.all(connections).then(purges.look), TIMEOUT).catch(() => undefined);

  return {
    get: (key) => link.ask(() => commands.get(key)).catch(() => undefined),
    claim,
    replace: (key, version, entry) =>
      link.ask(() => commands.replace(key, version, entry), TIMEOUT / 2).catch(() => undefined),
    async purge(tags) {
      if (tags.length > 0) purges.done(await link.askAnyway(() => commands.purge(tags), TIMEOUT));
    },
    isAvailable: () => purges.isJoined() && !link.isOpen(),
    async close() {
      purges.stop();
      waiting.stop();
      await holdings.releaseAll();
      subscription.stop();
      redis.disconnect();
    },
  };
}
