import { createLogger } from '@doa-market/common/logging';
import { onTestFinished } from 'vitest';
import { createSharedLevel, type SharedLevelOptions } from '../../../src/shared/create-shared-level.ts';
import type { Claim, GrantedClaim, SharedEntry } from '../../../src/shared/shared-level.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

/** A level as one process has it, which writes down what it is told. */
export async function openLevel(url: string, options: Partial<SharedLevelOptions> = {}) {
  const purged: string[] = [];
  const stored: [key: string, version: string][] = [];
  let losses = 0;
  const level = await createSharedLevel({
    url,
    logger,
    onPurged: (tags) => purged.push(...tags),
    onLost: () => {
      losses += 1;
    },
    onStored: (key, version) => stored.push([key, version]),
    ...options,
  });
  onTestFinished(() => level.close());
  return { ...level, purged, stored, losses: () => losses };
}
export type TestLevel = Awaited<ReturnType<typeof openLevel>>;

let keys = 0;
/** A key that no other test has. */
export const aKey = (): string => `html_cache:shop.test/products/${process.pid}-${++keys}`;

export const entry = (text: string, tags: readonly string[] = []): SharedEntry => ({
  tags,
  keepFor: 60_000,
  payload: Buffer.from(text),
});

export const textOf = (hit: { payload: Uint8Array } | undefined): string | undefined =>
  hit && Buffer.from(hit.payload).toString();

export function granted(claim: Claim): GrantedClaim {
  if (claim.kind !== 'granted') throw new Error(`not granted, but ${claim.kind}`);
  return claim;
}

/** Stores `text` under `key` as one who rendered it. */
export async function render(level: TestLevel, key: string, text: string, tags: readonly string[] = []) {
  const known = (await level.get(key))?.version;
  const outcome = await granted(await level.claim(key, known)).store(entry(text, tags));
  if (outcome.kind !== 'stored') throw new Error(`not stored, but ${outcome.kind}`);
  return outcome.version;
}
