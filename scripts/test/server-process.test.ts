import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '@doa-market/common/testing';
import { expect, it } from 'vitest';
import { identify, isRunning } from '../src/process-identity.ts';

const STARTER = fileURLToPath(new URL('./fixtures/server-starter.ts', import.meta.url));

it('a server process ends with the one that started it, even if that one is killed', async () => {
  const starter = spawn(process.execPath, [...process.execArgv, '--import', 'tsx', STARTER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(starter.stdout.setEncoding('utf8'), 'data');
  const server = identify(Number(line));
  if (!server) throw new Error(`no process ${line}`);
  expect(isRunning(server)).toBe(true);
  starter.kill('SIGKILL');
  await until(() => !isRunning(server), 'the end of the server');
});
