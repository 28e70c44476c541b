import { KEY_SET_MAX_AGE } from '@doa-market/common/auth';
import { LONGEST_ACCESS_TOKEN } from '../token/issuer.ts';
import { changeKeyFile, createKey, type PrivateKey } from './key-file.ts';

/** Seconds that clocks may differ and files take to arrive. */
const MARGIN = 60;

/** Seconds until everybody who verifies has asked for the keys again. */
const PUBLISHED_BEFORE = KEY_SET_MAX_AGE / 1_000 + MARGIN;

/**
 * Adds a key that is published at once, signs once everybody knows it, and lets the ones before it go when the last of
 * their tokens has expired. Keys whose time is over leave the file.
 * @throws when a new key is still waiting to sign
 */
export function rotateKeys(path: string, now: number): Promise<PrivateKey[]> {
  const seconds = Math.floor(now / 1_000);
  return changeKeyFile(path, async (keys) => {
    const waiting = keys.find(({ signsFrom = 0 }) => signsFrom > seconds);
    if (waiting) {
      const from = new Date((waiting.signsFrom ?? 0) * 1_000).toISOString();
      throw new Error(`${waiting.kid} is still waiting to sign, from ${from} on`);
    }
    const signsFrom = seconds + PUBLISHED_BEFORE;
    const retiresAt = signsFrom + LONGEST_ACCESS_TOKEN + MARGIN;
    const kept = keys.filter((key) => (key.retiresAt ?? Number.POSITIVE_INFINITY) > seconds);
    return [...kept.map((key) => ({ retiresAt, ...key })), await createKey({ signsFrom })];
  });
}
