import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ApiDocument, renderApi } from '@doa-market/scripts/api-reference';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import { run } from './setup/run.ts';
import { stack } from './setup/shared.ts';

const DOCS = fileURLToPath(new URL('../../docs/api/', import.meta.url));

const SERVERS = {
  'auth-server': 'AUTH_SERVICE_URL',
  'member-server': 'MEMBER_SERVICE_URL',
  'product-server': 'PRODUCT_SERVICE_URL',
  'queue-server': 'QUEUE_SERVICE_URL',
  'bff-server': 'BFF_SERVICE_URL',
} as const;

/** What a server says for itself has no address of a public server in it, and reads may need no 4xx. */
const RULES = {
  extends: ['recommended'],
  rules: { 'operation-4xx-response': 'off' as const, 'no-server-example.com': 'off' as const },
};

describe.each(Object.entries(SERVERS))('the document of %s', (name, variable) => {
  const fetchDocument = async () => (await fetch(`${stack().urls[variable]}/docs/json`)).text();

  it('is clean OpenAPI 3.1', async () => {
    const source = await fetchDocument();
    const problems = await lintFromString({ source, config: await createConfig(RULES) });
    expect(problems.map(({ message, location }) => `${location[0]?.pointer}: ${message}`)).toEqual([]);
  });

  it('is what docs/api shows', async () => {
    const document: ApiDocument = JSON.parse(await fetchDocument());
    expect(readFileSync(`${DOCS}${name}.md`, 'utf8')).toBe(renderApi(document));
  });
});

describe('the examples of docs/api', () => {
  it('work as they are written', async () => {
    const { urls, secrets } = stack();
    const text = readFileSync(`${DOCS}README.md`, 'utf8');
    const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code]) => code);
    expect(blocks.length).toBeGreaterThan(3);
    const { code, output } = await run('bash', ['-euo', 'pipefail', '-c', blocks.join('\n')], {
      GATEWAY: urls.KONG_GATEWAY_URL,
      AUTH_BASIC_KEY: secrets.AUTH_BASIC_KEY,
      AUTH: urls.AUTH_SERVICE_URL,
    });
    expect(output).not.toMatch(/^curl: /m);
    expect(code).toBe(0);
  });
});
