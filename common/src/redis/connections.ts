import type { EventEmitter } from 'node:events';
import { Cluster, Redis } from 'ioredis';

/**
 * One server, or a cluster of them. Commands are the same, as long as all keys of one are in one slot; what only one of the
 * two can do is left out.
 */
export type AnyRedis = Pick<
  Redis,
  Exclude<Shared, 'options' | 'status' | 'duplicate' | keyof EventEmitter>
> & {
  /** `ready` once it can be used. */
  readonly status: string;
};
type Shared = keyof Redis & keyof Cluster;

export interface ConnectionOptions {
  name: string;
  /** Milliseconds after which a command is given up. */
  timeout: number;
  /** Milliseconds without a byte, while a command waits, after which the connection is replaced. */
  silence?: number | undefined;
}

/** Milliseconds before the next attempt to connect. */
const backOff = (attempt: number): number => Math.min(50 * 2 ** attempt, 1_000);

const ofNode = ({ name, timeout, silence }: ConnectionOptions) => ({
  connectionName: name,
  connectTimeout: 1_000,
  commandTimeout: timeout,
  ...(silence !== undefined && { socketTimeout: silence }),
  maxRetriesPerRequest: 0,
});

export const toServer = (url: string, options: ConnectionOptions): Redis =>
  new Redis(url, {
    ...ofNode(options),
    lazyConnect: true,
    enableOfflineQueue: false,
    retryStrategy: backOff,
  });

/** redis+cluster://[[user]:password@]host:port,host:port... of some of its nodes; they know the others. */
const CLUSTER_URL = /^redis(s?)\+cluster:\/\/(?:([^:@/]*):([^@/]*)@)?([^@/]+)\/?$/;

/** Undefined where the URL is none of a cluster. */
export function toCluster(url: string, options: ConnectionOptions): Cluster | undefined {
  const [, tls = '', username = '', password = '', hosts] = CLUSTER_URL.exec(url) ?? [];
  if (hosts === undefined) return undefined;
  return new Cluster(hosts.split(',').map(toNode), {
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: backOff,
    slotsRefreshTimeout: options.timeout,
    // A slot that moves is followed; one whose node is away is asked for again a few times, and not for seconds.
    maxRedirections: 4,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    redisOptions: {
      ...ofNode(options),
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(tls && { tls: {} }),
    },
  });
}

function toNode(address: string): { host: string; port: number } {
  const { hostname, port } = new URL(`redis://${address}`);
  return { host: hostname, port: Number(port || 6_379) };
}
