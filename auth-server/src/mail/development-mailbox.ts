import type { Logger } from '@doa-market/common/logging';
import type { Redis } from '@doa-market/common/redis';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Mailer } from './mailer.ts';

const KEY = 'mail:development-mailbox';
const MAX_MAILS = 100;

export const ReceivedMailSchema = Type.Object({
  to: Type.String(),
  subject: Type.String(),
  text: Type.String(),
  html: Type.String(),
  sentAt: Type.String(),
});
export type ReceivedMail = Static<typeof ReceivedMailSchema>;
const mailValidator = Compile(ReceivedMailSchema);

/** Keeps mail instead of sending it, the newest hundred, for whoever develops: GET /dev/mail. */
export function createDevelopmentMailbox({ redis, logger }: { redis: Redis; logger: Logger }) {
  const mailer: Mailer = {
    async send(mail) {
      const received: ReceivedMail = { ...mail, sentAt: new Date().toISOString() };
      await redis
        .multi()
        .lpush(KEY, JSON.stringify(received))
        .ltrim(KEY, 0, MAX_MAILS - 1)
        .exec();
      // The link in it is as good as a password, so a log gets none of it.
      logger.info({ subject: mail.subject }, 'mail for the development mailbox: see /dev/mail');
    },
    close: () => undefined,
  };
  return {
    mailer,
    /** Newest first. */
    async list(): Promise<ReceivedMail[]> {
      const mails = await redis.lrange(KEY, 0, -1);
      return mails.map((it) => mailValidator.Parse(JSON.parse(it)));
    },
  };
}
export type DevelopmentMailbox = ReturnType<typeof createDevelopmentMailbox>;
