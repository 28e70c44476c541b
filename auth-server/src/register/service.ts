import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from '@doa-market/common/redis';
import type { BotCheck } from '../bot-check/bot-check.ts';
import type { SecurityEvents } from '../events/security-events.ts';
import type { Device } from '../http/device.ts';
import type { MailRequests } from '../mail/requests.ts';
import type { Members } from '../member/client.ts';
import type { Hashing } from '../password/hashing.ts';
import { assertAcceptable } from '../password/policy.ts';
import { createThrottle, networkOf, takeOrRefuse } from '../throttle/throttle.ts';
import { assertAgreements } from './agreements.ts';
import type { Registration } from './schemas.ts';

/** From one address: thirty, then one a minute. */
const PER_ADDRESS = { name: 'register:address', burst: 30, every: 60_000 };
/** Milliseconds: making a member and finding one take different times, and both take less than this. */
const ANSWER_TIME = 200;

interface Dependencies {
  redis: Redis;
  members: Members;
  hashing: Hashing;
  mail: MailRequests;
  events: SecurityEvents;
  botCheck: BotCheck;
  now: () => number;
}

export function createRegister({ redis, members, hashing, mail, events, botCheck, now }: Dependencies) {
  const addresses = createThrottle({ redis, now, ...PER_ADDRESS });

  async function makeMember({ email, password, name, agreements }: Registration, device: Device) {
    const passwordHash = await hashing.hash(password);
    const memberId = await members.create({
      email,
      name: name.trim().normalize('NFC'),
      passwordHash,
      emailVerified: false,
      agreements,
    });
    // What the mail says is decided when it is written: who has an account already is told so there.
    await mail.add('registration', email);
    if (memberId !== undefined) void events.record(memberId, 'REGISTERED', device);
  }

  /**
   * Ends alike for an address that is new and for one that has a member.
   * @throws {ProblemError} 422; 403 from the bot check; 429; 503, and then it can be done again
   */
  return async function register(registration: Registration, device: Device): Promise<void> {
    assertAgreements(registration.agreements);
    assertAcceptable('password', registration.password, registration.email);
    await takeOrRefuse(addresses, networkOf(device.address));
    await botCheck(registration.botToken, { action: 'register', address: device.address });
    await Promise.all([makeMember(registration, device), delay(ANSWER_TIME)]);
  };
}
export type Register = ReturnType<typeof createRegister>;
