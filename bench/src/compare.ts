import { alternate, type Contender } from './rounds.ts';

export interface Peer extends Contender {
  /** What the ratio of the subject's rate to this one's should reach. */
  bar: number;
}

/**
 * Loads one subject and its peers with 64 connections, and prints the medians and, for each peer, the ratio of the
 * subject's rate to it beside its bar.
 */
export async function compare(title: string, subject: Contender, peers: readonly Peer[]): Promise<void> {
  const contenders = [subject, ...peers];
  const medians = await alternate(contenders, { connections: 64, seconds: 5 });
  console.log(`\n${title}`);
  for (const [index, { name, ...contender }] of contenders.entries()) {
    const { requestsPerSecond = Number.NaN, p99 = Number.NaN } = medians[index] ?? {};
    const bar = 'bar' in contender ? contender.bar : undefined;
    const ratio = (medians[0]?.requestsPerSecond ?? Number.NaN) / requestsPerSecond;
    const verdict = bar === undefined ? '' : `   ratio ${ratio.toFixed(2)} (bar ${bar})`;
    const rate = requestsPerSecond.toFixed(0).padStart(8);
    console.log(`  ${name.padEnd(28)} ${rate} req/s   p99 ${p99.toFixed(1).padStart(6)} ms${verdict}`);
  }
}
