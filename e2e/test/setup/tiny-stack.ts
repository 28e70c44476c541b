import { attend } from '@doa-market/scripts/attend';
import { describe } from '@doa-market/scripts/failure';
import { freePorts } from '@doa-market/scripts/ports';
import { httpProbe } from '@doa-market/scripts/probes';
import type { Service } from '@doa-market/scripts/services';
import { startStack } from '@doa-market/scripts/stack';

/** A stack of two small servers, supervised as the real one is: the first takes `--broken` to die at its start. */

const PROGRAM = `
  const server = require('node:http').createServer((request, response) => {
    if (request.url === '/die') { console.error('Error: told to die'); process.exit(7); }
    response.end('{}');
  });
  if (process.argv[1] === '--broken') { console.error('Error: no configuration'); process.exit(1); }
  if (process.argv[1] === '--stubborn') process.on('SIGTERM', () => console.log('not yet'));
  server.listen(process.env.PORT, '127.0.0.1');
`;

const [data = '', option = ''] = process.argv.slice(2);
const ports = await freePorts();

function service(name: string, port: number, dependsOn: string[], argument: string): Service {
  const url = `http://127.0.0.1:${port}/`;
  return {
    name,
    command: process.execPath,
    args: ['-e', PROGRAM, '--', argument],
    env: { PORT: `${port}` },
    port,
    health: httpProbe(url),
    ready: httpProbe(url),
    dependsOn,
  };
}

attend(async (signal) => {
  const table = [service('store', ports.redis, [], ''), service('shop', ports.web, ['store'], option)];
  const stack = await startStack({ data, ports, table, report: console.log, signal });
  console.log(`ready ${ports.web}`);
  return stack;
}).then(
  () => process.exit(),
  (error: unknown) => {
    console.error(describe(error));
    process.exit(1);
  },
);
