import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@doa-market/scripts/free-port';
import { answering } from './answering.ts';
import { type LOAD, MEASURED, spawnPinned } from './pinned.ts';

const START = fileURLToPath(new URL('../../kong/local/start.sh', import.meta.url));

/** No limit is met: what is measured is the cost of counting. */
const UNLIMITED = {
  RATE_LIMIT_PUBLIC: '1000000000',
  RATE_LIMIT_MEMBER: '1000000000',
  RATE_LIMIT_LOGIN: '1000000000',
  RATE_LIMIT_PURCHASE: '1000000000',
  RATE_LIMIT_QUEUE_STATUS: '1000000000',
};

interface Placement {
  /** In place of kong.yml.template. */
  template?: string | undefined;
  core?: typeof MEASURED | typeof LOAD;
}

/** kong/local with one worker, pinned to the first core unless another is given. */
export async function startGateway(
  folder: string,
  env: Record<string, string>,
  { template, core = MEASURED }: Placement = {},
) {
  mkdirSync(folder);
  const [port, statusPort] = [await freePort(), await freePort()];
  const templatePath = join(folder, 'template.yml');
  if (template !== undefined) writeFileSync(templatePath, template);
  const nowhere = 'http://127.0.0.1:9';
  const { stop } = spawnPinned(core, [START], {
    env: {
      LOG_LEVEL: 'error',
      GATEWAY_PORT: `${port}`,
      GATEWAY_STATUS_PORT: `${statusPort}`,
      GATEWAY_PREFIX: folder,
      GATEWAY_WORKERS: '1',
      ...(template !== undefined && { GATEWAY_TEMPLATE: templatePath }),
      MEMBER_SERVICE_URL: nowhere,
      PRODUCT_SERVICE_URL: nowhere,
      QUEUE_SERVICE_URL: nowhere,
      ...UNLIMITED,
      ...env,
    },
  });
  await answering(`http://127.0.0.1:${statusPort}/status`);
  return { url: `http://127.0.0.1:${port}`, stop };
}
