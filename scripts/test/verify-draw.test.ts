import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { drawNumber, drawnNumbers } from '../src/draw.ts';
import { ROOT } from '../src/paths.ts';

const seed = '00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f';
const eventId = '0199f3a0-6f2e-7c31-9b4d-2f1a8c5e7d90';

/** The two answers of the gateway that the command asks for. */
const gateway = createServer((request, response) => {
  const { url, headers } = request;
  const answer = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (url === '/api/auth/guest') return answer(201, { accessToken: 'a-guest' });
  if (headers.authorization !== 'Bearer a-guest')
    return answer(401, { detail: 'An access token is required.' });
  if (url !== `/api/queue/${eventId}`) return answer(404, { detail: 'The event has no waiting room.' });
  return answer(200, { draw: { algorithm: 'feistel-sha256-v1', seed, size: 10 } });
});
const listening = new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
afterAll(() => void gateway.close());

const run = (...args: string[]) =>
  new Promise<{ code: number; output: string }>((resolve) => {
    const script = path.join(ROOT, 'scripts/src/verify-draw.ts');
    execFile(process.execPath, ['--import', 'tsx', script, ...args], { cwd: ROOT }, (error, stdout, stderr) =>
      resolve({ code: error ? 1 : 0, output: stdout + stderr }),
    );
  });

describe('verify-draw', () => {
  it('computes the numbers that were ever drawn with a seed', () => {
    expect(drawnNumbers({ seed, size: 10 })).toEqual([5, 7, 6, 3, 10, 1, 9, 8, 4, 2]);
    expect(drawNumber({ seed, size: 50_000 }, 25_000)).toBe(38_009);
    expect(drawNumber({ seed, size: 10 }, 11)).toBe(11);
  });

  it('checks a draw that the gateway publishes, and one that it is given', async () => {
    await listening;
    const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
    const [published, given, unknown] = await Promise.all([
      run(eventId, '--url', url, '--receipt', '5'),
      run('--seed', seed, '--size', '10', '--receipt', '11'),
      run('0199f3a0-6f2e-7c31-9b4d-000000000000', '--url', url),
    ]);
    expect(published).toEqual({
      code: 0,
      output: `seed     ${seed}\nnumbers  1 to 10, each drawn once\nreceipt  5 has number 10\n`,
    });
    expect(given.output).toContain('receipt  11 has number 11 (came after the opening');
    expect(unknown).toEqual({ code: 1, output: 'The event has no waiting room. (404)\n' });
  });
});
