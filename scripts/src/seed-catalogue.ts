import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dataFolder, readSecrets } from './environment.ts';
import { Failure } from './failure.ts';
import { dataPaths, ROOT } from './paths.ts';
import { cleanEnvironment } from './run-command.ts';
import { runningStack } from './run-records.ts';
import { services } from './services.ts';

/** Runs product-server's seed against the running stack: with `--products N` it makes a large catalogue. */
export async function seedCatalogue(args: readonly string[]): Promise<void> {
  const data = dataFolder(process.env);
  const stack = runningStack(dataPaths(data).run);
  if (!stack) throw new Failure('the stack is not running: `npm start` first');
  const settings = { data, ports: stack.ports, durable: true, secrets: readSecrets(process.env) };
  const service = services(settings).find(({ name }) => name === 'product-server');
  const child = spawn('npm', ['run', '--silent', 'seed', '-w', 'product-server', '--', ...args], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), ...service?.env },
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Failure('the seed failed; see the lines above');
}
