import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiDocument, renderApi } from './api-reference.ts';
import { describe, Failure } from './failure.ts';
import { ROOT } from './paths.ts';
import { PORTS, readPorts } from './ports.ts';

/** `npm run docs:api`: writes docs/api/ from what the running servers say of themselves. */

export const DOCUMENTED = ['auth', 'member', 'product', 'queue', 'bff'] as const;

async function write(): Promise<void> {
  const ports = readPorts(process.env);
  mkdirSync(join(ROOT, 'docs/api'), { recursive: true });
  for (const name of DOCUMENTED) {
    const { owner } = PORTS[name];
    const response = await fetch(`http://127.0.0.1:${ports[name]}/docs/json`).catch((error: unknown) => {
      throw new Failure(`${owner} does not answer (npm start -- --detach): ${describe(error)}`);
    });
    const document = (await response.json()) as ApiDocument;
    writeFileSync(join(ROOT, `docs/api/${owner}.md`), renderApi(document));
    console.log(`docs/api/${owner}.md`);
  }
}

write().catch((error: unknown) => {
  console.error(describe(error));
  process.exitCode = 1;
});
