import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe } from '@doa-market/scripts/failure';
import { freePorts } from '@doa-market/scripts/ports';
import { type Stack, startStack } from '@doa-market/scripts/stack';
import type { TestProject } from 'vitest/node';

export type SharedStack = Pick<Stack, 'urls' | 'ports' | 'secrets' | 'data'>;

declare module 'vitest' {
  interface ProvidedContext {
    stack: SharedStack | undefined;
    /** Why there is no stack: the tests that need one say it, and the others run. */
    stackFailure: string;
    /** Where a test that stops and starts servers asks for it: POST /stop/<server>, POST /start/<server>. */
    controlUrl: string;
  }
}

/** One whole stack for all the tests here, on ports and with data of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(path.join(tmpdir(), 'doa-e2e-'));
  chmodSync(directory, 0o711);
  const forget = () => rmSync(directory, { recursive: true, force: true });
  try {
    const data = path.join(directory, 'data');
    // All tests come from one address.
    process.env['RATE_LIMIT_LOGIN'] ??= '100';
    const stack = await startStack({ data, ports: await freePorts(), report: console.log });
    const control = await serveControl(stack);
    const { urls, ports, secrets } = stack;
    project.provide('stack', { urls, ports, secrets, data });
    project.provide('controlUrl', control.url);
    project.provide('stackFailure', '');
    return async () => {
      control.close();
      await stack.stop();
      forget();
    };
  } catch (error) {
    project.provide('stack', undefined);
    project.provide('controlUrl', '');
    project.provide('stackFailure', `the stack did not start: ${describe(error)}`);
    return async () => forget();
  }
}

async function serveControl(stack: Stack): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    const [, action, name = ''] = (request.url ?? '').split('/');
    const work = action === 'stop' ? stack.stopService(name) : stack.startService(name);
    work.then(
      () => response.writeHead(204).end(),
      (error: unknown) => response.writeHead(500).end(describe(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
