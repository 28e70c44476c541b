import type { Redis } from '@doa-market/common/redis';
import type { Device } from '../http/device.ts';
import { accountOf } from '../login/account.ts';
import { createThrottle, networkOf, takeOrRefuse } from '../throttle/throttle.ts';
import type { MailKind } from './jobs.ts';
import type { Outbox } from './outbox.ts';

/** From one address: thirty, then one a minute. */
const PER_ADDRESS = { name: 'mail:address', burst: 30, every: 60_000 };
/** Of one kind to one mailbox: three, then one every 10 min. */
const PER_MAILBOX = { name: 'mail:mailbox', burst: 3, every: 600_000 };

/** Mail that strangers ask for. Takes the same steps whether the address has a member or not. */
export function createMailRequests({
  redis,
  outbox,
  now,
}: {
  redis: Redis;
  outbox: Outbox;
  now: () => number;
}) {
  const addresses = createThrottle({ redis, now, ...PER_ADDRESS });
  const mailboxes = createThrottle({ redis, now, ...PER_MAILBOX });

  /** Leaves it be when that mailbox has had enough: what it got is still good. @throws {ProblemError} 503 */
  async function add(kind: MailKind, email: string): Promise<void> {
    const wait = await mailboxes.take(`${kind} ${accountOf(email)}`);
    if (wait === 0) await outbox.add(kind, email);
  }

  return {
    add,
    /** @throws {ProblemError} 429 when too much is asked for from one address; 503 */
    async ask(kind: MailKind, email: string, device: Device): Promise<void> {
      await takeOrRefuse(addresses, networkOf(device.address));
      await add(kind, email);
    },
  };
}
export type MailRequests = ReturnType<typeof createMailRequests>;
