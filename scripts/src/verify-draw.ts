import { parseArgs } from 'node:util';
import { type Draw, drawNumber, drawnNumbers } from './draw.ts';
import { readEnvironmentFile, readSecrets } from './environment.ts';
import { describe, Failure } from './failure.ts';

const USAGE = `usage: verify-draw <eventId> [--url http://localhost:8000] [--token <access token>] [--receipt <n>]
       verify-draw --seed <64 hex digits> --size <n> [--receipt <n>]

Computes every number of a draw again and checks that no two are the same. Without a token it asks for a guest's, with
the AUTH_BASIC_KEY of the environment. --receipt prints what that one drew.`;

const SEED = /^[0-9a-f]{64}$/;
/** More than any waiting room takes, and few enough to be computed. */
const LARGEST = 10_000_000;

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function call(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) }).catch(
    (cause: unknown) => {
      throw new Failure(`${new URL(url).origin} does not answer (${String(cause)})`);
    },
  );
  const body: unknown = await response.json().catch(() => undefined);
  return { status: response.status, body: isRecord(body) ? body : {} };
}

async function guestToken(origin: string): Promise<string> {
  const { AUTH_BASIC_KEY } = readSecrets(process.env);
  const authorization = `Basic ${Buffer.from(AUTH_BASIC_KEY).toString('base64')}`;
  const { status, body } = await call(`${origin}/api/auth/guest`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: '{}',
  });
  if (typeof body['accessToken'] !== 'string') {
    throw new Failure(`no token for a guest (${status}): name one with --token`);
  }
  return body['accessToken'];
}

/** The draw as the server publishes it. */
async function publishedDraw(origin: string, eventId: string, token: string | undefined): Promise<Draw> {
  const authorization = `Bearer ${token ?? (await guestToken(origin))}`;
  const { status, body } = await call(`${origin}/api/queue/${encodeURIComponent(eventId)}`, {
    headers: { authorization },
  });
  if (status !== 200) throw new Failure(`${String(body['detail'] ?? 'refused')} (${status})`);
  const draw = body['draw'];
  if (draw === null) throw new Failure('the sale has not opened: nothing is drawn yet');
  if (!isRecord(draw) || draw['algorithm'] !== 'feistel-sha256-v1') {
    throw new Failure('the answer has no draw that this version can compute');
  }
  return toDraw(String(draw['seed']), Number(draw['size']));
}

function toDraw(seed: string, size: number): Draw {
  if (!SEED.test(seed)) throw new Failure('the seed is 64 hexadecimal digits');
  if (!Number.isInteger(size) || size < 0 || size > LARGEST) throw new Failure('the size is a whole number');
  return { seed, size };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      url: { type: 'string', default: 'http://localhost:8000' },
      token: { type: 'string' },
      seed: { type: 'string' },
      size: { type: 'string' },
      receipt: { type: 'string' },
    },
  });
  const [eventId] = positionals;
  const offline = values.seed !== undefined && values.size !== undefined;
  if (offline === (eventId !== undefined)) throw new Failure(USAGE);
  const draw = eventId
    ? await publishedDraw(values.url.replace(/\/$/, ''), eventId, values.token)
    : toDraw(values.seed ?? '', Number(values.size));

  const numbers = drawnNumbers(draw);
  console.log(`seed     ${draw.seed}`);
  console.log(`numbers  1 to ${numbers.length}, each drawn once`);
  if (values.receipt === undefined) return;
  const receipt = Number(values.receipt);
  if (!Number.isInteger(receipt) || receipt < 1) throw new Failure('a receipt is a whole number from 1');
  const late = receipt > draw.size ? ' (came after the opening: behind everybody who was drawn)' : '';
  console.log(`receipt  ${receipt} has number ${drawNumber(draw, receipt)}${late}`);
}

readEnvironmentFile();
run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(describe(error));
  process.exitCode = 1;
});
