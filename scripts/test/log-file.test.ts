import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lastError } from '../src/log-file.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'doa-log-'));
afterAll(() => rmSync(directory, { recursive: true }));

const CASES: [string, string, string][] = [
  [
    'what a server says of its own start',
    'auth-server did not start: REDIS_URL is missing\n',
    'REDIS_URL is missing',
  ],
  [
    'every problem of an environment',
    'x did not start: The environment is not complete:\n  - A is missing\n  - B is missing\n',
    'The environment is not complete: - A is missing - B is missing',
  ],
  [
    'the last error of a structured log',
    '{"level":50,"err":{"message":"first"}}\n{"level":60,"err":{"message":"second"},"msg":"fatal"}\n{"level":30,"msg":"bye"}\n',
    'second',
  ],
  [
    'an error of a log with named levels',
    '{"level":"error","msg":"address in use"}\n{"level":"info","msg":"bye"}\n',
    'address in use',
  ],
  [
    'an exception without its stack',
    "warming\nError: Cannot find module 'x'\n    at a (b.js:1:2)\n\nNode.js v20\n",
    "Error: Cannot find module 'x'",
  ],
  [
    'an error that is said on the next line',
    'PrismaClientKnownRequestError:\nThe table does not exist\n',
    'PrismaClientKnownRequestError: The table does not exist',
  ],
  [
    'what nginx calls an emergency',
    'nginx: [emerg] bind() failed\nnginx: configuration test failed\n',
    'nginx: [emerg] bind() failed',
  ],
  [
    'what PostgreSQL calls fatal',
    '2026 UTC [1] FATAL:  lock file exists\n2026 UTC [1] HINT: x\n',
    '2026 UTC [1] FATAL:  lock file exists',
  ],
  ['the last line when none looks like an error', 'one\ntwo\n', 'two'],
  ['that there is nothing', '', 'it said nothing'],
];

describe('the reason in a log', () => {
  it.each(CASES)('is %s', (title, text, reason) => {
    const file = path.join(directory, `${title}.log`);
    writeFileSync(file, text);
    expect(lastError(file)).toBe(reason);
  });

  it('is not one of an earlier run', () => {
    const file = path.join(directory, 'earlier.log');
    const earlier = 'Error: of yesterday\n';
    writeFileSync(file, `${earlier}fine\n`);
    expect(lastError(file, Buffer.byteLength(earlier))).toBe('fine');
  });
});
