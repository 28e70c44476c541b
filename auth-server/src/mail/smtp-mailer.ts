import { createTransport } from 'nodemailer';
import type { Mailer } from './mailer.ts';

/** Milliseconds; together they stay below the time for which a job is lent to who sends it. */
const TIMEOUTS = {
  connectionTimeout: 5_000,
  greetingTimeout: 5_000,
  socketTimeout: 15_000,
  dnsTimeout: 5_000,
};

/** @param url `smtp://user:password@host:587` (STARTTLS where it is offered) or `smtps://...:465` */
export function createSmtpMailer({ url, from }: { url: string; from: string }): Mailer {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 2,
    ...TIMEOUTS,
    // Texts of ours name no file and no address to fetch, and none should ever do.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, ...mail }) {
      // An object is taken as one address, whatever commas and angle brackets stand in it.
      await transport.sendMail({ ...mail, from, to: { name: '', address: to } });
    },
    close: () => transport.close(),
  };
}
