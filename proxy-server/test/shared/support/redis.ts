import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@doa-market/common/logging';
import { createRedis } from '@doa-market/common/redis';
import { until } from '@doa-market/common/testing';
import { startRedis } from '@doa-market/scripts/redis';

const logger = createLogger({ name: 'test', level: 'silent' });

/** A Redis of one's own, to do anything to. */
export async function openRedis({ durable = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'shared-level-'));
  let server = await startRedis({ dataDir: join(folder, 'data'), durable });
  const admin = createRedis(server.url, { name: 'admin', logger, timeout: 5_000 });

  /** At once, where its own next try would come later. */
  const connected = () =>
    until(async () => {
      if (admin.status !== 'ready') {
        admin.disconnect();
        await admin.connect();
      }
      return admin.ping();
    }, 'a connection to Redis');
  await connected();

  return {
    url: server.url,
    admin,
    /** As a network may do it; Redis itself keeps what is published meanwhile for nobody. */
    dropSubscribers: () => admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub'),
    signal: (name: NodeJS.Signals) => process.kill(server.pid, name),
    /** Starts again where it was, after it was killed. */
    async startAgain(): Promise<void> {
      await server.stop();
      server = await startRedis({ dataDir: join(folder, 'data'), port: server.port, durable });
      await connected();
    },
    async close(): Promise<void> {
      admin.disconnect();
      process.kill(server.pid, 'SIGCONT');
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}
export type TestRedis = Awaited<ReturnType<typeof openRedis>>;
