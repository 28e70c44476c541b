import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { endedWithParent } from './parent-death.ts';
import { pingRedis, redisCommand } from './redis.ts';

const SLOTS = 16_384;

export interface RedisCluster {
  /** As `createRedis` of common/ takes it. */
  url: string;
  nodes: { port: number; pid: number; firstSlot: number; lastSlot: number }[];
  stop: () => Promise<void>;
}

/** A cluster of masters on the loopback interface, each with its share of the slots and no replica. */
export async function startRedisCluster(dataDir: string, size = 3): Promise<RedisCluster> {
  const starts = Array.from({ length: size }, (_, at) => startNode(path.join(dataDir, `node-${at}`)));
  const servers = await Promise.all(starts);
  const shareOf = (at: number) => Math.ceil((SLOTS / size) * at);
  const nodes = servers.map(({ port, pid }, at) => ({
    ...{ port, pid, firstSlot: shareOf(at), lastSlot: shareOf(at + 1) - 1 },
  }));
  for (const [at, { port, firstSlot, lastSlot }] of nodes.entries()) {
    await ask(port, `CLUSTER SET-CONFIG-EPOCH ${at + 1}`);
    await ask(port, `CLUSTER ADDSLOTSRANGE ${firstSlot} ${lastSlot}`);
  }
  // Who has met the same node gets to know each other. A greeting may be lost, and is not repeated by itself.
  await patiently(async () => {
    for (const { port, busPort } of servers.slice(1)) {
      await ask(servers[0]?.port ?? 0, `CLUSTER MEET 127.0.0.1 ${port} ${busPort}`);
    }
    for (const { port } of servers) await isWhole(port, size);
  }, 'the cluster');
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
  };
}

interface Node {
  port: number;
  busPort: number;
  pid: number;
  stop: () => Promise<void>;
}

async function startNode(dataDir: string, attempts = 4): Promise<Node> {
  const port = await freePort();
  // The nodes talk on a second port, by default 10,000 above, where there may be none.
  const busPort = await freePort();
  const settings = ['--databases', '1', '--cluster-enabled', 'yes', '--cluster-port', `${busPort}`];
  const plain = redisCommand({ dataDir, port, durable: false });
  const { command, args } = endedWithParent({ ...plain, args: [...plain.args, ...settings] }, 'SIGTERM');
  const server = spawn(command, args, { stdio: 'ignore' });
  const exited = once(server, 'exit');
  const isUp = patiently(() => pingRedis(port), `Redis on port ${port}`).then(() => true);
  const hasEnded = exited.then(() => false);
  if (!(await Promise.race([isUp, hasEnded]))) {
    // Somebody else was faster at one of its ports.
    isUp.catch(() => undefined);
    if (attempts === 1) throw new Error(`no Redis stays up on port ${port}`);
    return startNode(dataDir, attempts - 1);
  }
  const stop = async () => {
    server.kill();
    await exited;
  };
  return { port, busPort, pid: server.pid ?? 0, stop };
}

/** Rejects unless a node knows all others within a moment, and every slot has one. */
const isWhole = (port: number, size: number): Promise<void> =>
  patiently(
    async () => {
      const info = await ask(port, 'CLUSTER INFO');
      if (!info.includes('cluster_state:ok')) throw new Error(info);
      if (!info.includes(`cluster_known_nodes:${size}`)) throw new Error(info);
    },
    `the node on port ${port}`,
    4_000,
  );

async function patiently(work: () => Promise<unknown>, what: string, patience = 40_000): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      await work();
      return;
    } catch (cause) {
      if (Date.now() > deadline) throw new Error(`${what} did not come up`, { cause });
      await delay(25);
    }
  }
}

/** One inline command; rejects on an error. */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2_000 }, () => socket.write(`${command}\r\n`));
    socket.once('data', (data) => {
      socket.destroy();
      const answer = data.toString();
      if (answer.startsWith('-')) reject(new Error(answer.trim()));
      else resolve(answer);
    });
    socket.once('timeout', () => socket.destroy(new Error('timeout')));
    socket.once('error', reject);
  });
}
