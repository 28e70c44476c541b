import { createHash } from 'node:crypto';
import { unavailable } from '@doa-market/common/errors';
import type { Logger } from '@doa-market/common/logging';
import type { Redis } from '@doa-market/common/redis';
import { createThrottle, networkOf, tooMany } from '../throttle/throttle.ts';
import { accountOf } from './account.ts';

/** From one address at one account: ten, then one every 90 s. Nobody is exempt. */
const PAIR = { name: 'login:pair', burst: 10, every: 90_000 };
/** From one address, whatever the account. An office or a mobile network is one address, so it is a good many. */
const ADDRESS = { name: 'login:address', burst: 60, every: 15_000 };
/** At one account from everywhere: twenty, then one every 5 min. Not for addresses that it was signed in from. */
const ACCOUNT = { name: 'login:account', burst: 20, every: 300_000 };
const KNOWN_SECONDS = 90 * 86_400;

/**
 * Counts guesses before a password is looked at, at accounts that are there and not there alike. A stranger can use up
 * what an account allows everywhere, so whoever signed in from their address before is not held up by that.
 */
export function createLoginThrottle({ redis, logger, now }: Dependencies) {
  const pairs = createThrottle({ redis, now, ...PAIR });
  const addresses = createThrottle({ redis, now, ...ADDRESS });
  const accounts = createThrottle({ redis, now, ...ACCOUNT });
  const pairOf = (account: string, network: string) => `${account} ${network}`;
  const knownKey = (pair: string) => `login:known:${createHash('sha256').update(pair).digest('base64url')}`;

  /** Giving back is a courtesy: what was decided stands without it. */
  const leniently = (...steps: Promise<unknown>[]) =>
    void Promise.all(steps).catch((error: unknown) => logger.warn({ err: error }, 'attempts not given back'));

  return {
    /** @throws {ProblemError} 429; 503 when Redis is away, since guessing must not become free then. */
    async attempt(email: string, address: string) {
      const account = accountOf(email);
      const network = networkOf(address);
      const pair = pairOf(account, network);
      const known = await redis.exists(knownKey(pair)).catch((error: unknown) => {
        throw unavailable(error);
      });
      const wait =
        (await addresses.take(network)) ||
        (await pairs.take(pair)) ||
        (known ? 0 : await accounts.take(account));
      if (wait > 0) throw tooMany(wait);
      return {
        /** The owner has shown up: earlier mistakes no longer count, and this address is theirs. */
        succeeded: () =>
          leniently(
            addresses.giveBack(network),
            pairs.clear(pair),
            accounts.clear(account),
            redis.set(knownKey(pair), 1, 'EX', KNOWN_SECONDS),
          ),
        /** Nobody has learnt anything of the password. */
        undecided: () =>
          leniently(
            addresses.giveBack(network),
            pairs.giveBack(pair),
            ...(known ? [] : [accounts.giveBack(account)]),
          ),
      };
    },
    /** Somebody who reads the account's mail has chosen a new password. */
    forgive(email: string, address: string): void {
      const account = accountOf(email);
      leniently(accounts.clear(account), pairs.clear(pairOf(account, networkOf(address))));
    },
  };
}
export type LoginThrottle = ReturnType<typeof createLoginThrottle>;

interface Dependencies {
  redis: Redis;
  logger: Logger;
  now: () => number;
}
