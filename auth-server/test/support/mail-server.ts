import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

interface Received {
  from: string;
  to: string[];
  /** The message as it came (RFC 5322). */
  raw: string;
}

/** A mail server on a port of its own that takes everything, unless it is told to refuse. */
export async function startMailServer() {
  const received: Received[] = [];
  let refusals = 0;
  let attempts = 0;
  let connections = 0;
  let answers = true;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onConnect: (_session, done) => {
      connections += 1;
      if (answers) done();
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        attempts += 1;
        if (refusals > 0) {
          refusals -= 1;
          done(Object.assign(new Error('try again later'), { responseCode: 451 }));
          return;
        }
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        const to = envelope.rcptTo.map(({ address }) => address);
        received.push({ from, to, raw: Buffer.concat(chunks).toString() });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    received,
    attempts: () => attempts,
    connections: () => connections,
    /** Refuses the next `times` messages for now. */
    refuse: (times: number) => {
      refusals = times;
    },
    /** Whether it greets those who connect. */
    answer: (value: boolean) => {
      answers = value;
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** The plain text of a message, which is base64 or quoted-printable (RFC 2045 section 6), as nodemailer sees fit. */
export function textOf(raw: string): string {
  const [, encoding, encoded = ''] =
    /text\/plain;.*\r\nContent-Transfer-Encoding: ([\w-]+)\r\n\r\n([\s\S]*?)\r\n--/.exec(raw) ?? [];
  if (encoding === 'base64') return Buffer.from(encoded, 'base64').toString();
  const unfolded = encoded.replace(/=\r\n/g, '');
  const bytes = unfolded.replace(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}
