import type { Redis } from '@doa-market/common/redis';

/** Milliseconds: how often a connection that only listens is made to say that it is alive. */
const PING_EVERY = 500;

interface SubscriptionOptions {
  channel: string;
  onMessage: (text: string) => void;
  /** Subscribed, at first or again: messages may have been missed until now. */
  onSubscribed: () => void;
}

/** Listens on a connection of its own, with the settings of `template`, for as long as it is there. */
export function createSubscription(
  template: Redis,
  { channel, onMessage, onSubscribed }: SubscriptionOptions,
) {
  // ioredis would subscribe again by itself, but nobody would hear that it failed.
  const name = `${template.options.connectionName}-events`;
  const redis = template.duplicate({ connectionName: name, autoResubscribe: false });
  // The other connection, which is to the same server, logs it.
  redis.on('error', () => undefined);
  redis.on('message', (_channel: string, text: string) => onMessage(text));
  redis.on('ready', () => {
    redis.subscribe(channel).then(onSubscribed, () => redis.disconnect(true));
  });
  const pings = setInterval(() => {
    if (redis.status === 'ready') redis.ping().catch(() => undefined);
  }, PING_EVERY).unref();

  return {
    start: (): Promise<void> => redis.connect(),
    stop(): void {
      clearInterval(pings);
      redis.disconnect();
    },
  };
}
