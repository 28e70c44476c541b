import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startAndFail } from './support/gateway.ts';

const TEMPLATE = fileURLToPath(new URL('../kong.yml.template', import.meta.url));
const RENDER = fileURLToPath(new URL('../render.sh', import.meta.url));

const URLS = {
  AUTH_SERVICE_URL: 'http://127.0.0.1:1',
  MEMBER_SERVICE_URL: 'http://127.0.0.1:1',
  PRODUCT_SERVICE_URL: 'http://127.0.0.1:1',
  QUEUE_SERVICE_URL: 'http://127.0.0.1:1',
  BFF_SERVICE_URL: 'http://127.0.0.1:1',
};

const BAD = `
_format_version: "3.0"
srevices: []
services:
  - name: one
    url: ftp://somewhere
  - name: two
    url: http://127.0.0.1:1
    retries: many
    colour: red
    routes:
      - name: no-match
      - name: bad-path
        paths: [shop, "~/shop/("]
        methods: [get]
      - name: bad-path
        paths: [/x]
        plugins:
          - name: rate-limiting
            config: { policy: redis, limit_by: header }
          - name: no-such-plugin
          - name: token-validator
            config: { minimum_role: KING, jwks_uri: nowhere, issuer: "" }
          - name: simple-redis-cache
            config: { warmup_token: "{vault://env/not-there-at-all}" }
routes:
  - name: lost
    paths: [/lost]
    service: three
plugins:
  - name: prometheus
  - name: prometheus
  - name: correlation-id
    config: { generator: dice }
`;

const FAULTS = [
  'srevices: unknown field',
  'service one: url: missing host in url',
  'service two: retries: expected an integer',
  'service two: colour: unknown field',
  "service two, route no-match: at least one of these fields must be non-empty: 'methods', 'hosts', 'headers', 'paths'",
  'service two, route bad-path: paths[1]: should start with: / (fixed path) or ~/ (regex path)',
  'service two, route bad-path: paths[2]: invalid regex: ~/shop/(',
  'service two, route bad-path: methods[1]: invalid value: get',
  'service two, route bad-path: name: is already taken by another route',
  "plugin rate-limiting: config: at least one of these fields must be non-empty: 'second', 'minute'",
  "plugin no-such-plugin: name: plugin 'no-such-plugin' is not installed",
  'plugin token-validator: config.minimum_role: expected one of: GUEST, MEMBER, SELLER, ADMIN',
  'plugin token-validator: config.jwks_uri: invalid value: nowhere',
  'plugin token-validator: config.issuer: length must be at least 1',
  "route lost: service: no service is named 'three'",
  'plugin prometheus: is configured twice for the same service and route',
  'plugin correlation-id: config.generator: expected one of: uuid, uuid#counter, tracker',
];

describe('a bad configuration', () => {
  it('keeps the gateway from starting, with every fault on a line', async () => {
    const { code, output } = await startAndFail({
      env: { NOT_THERE_AT_ALL: 'a-secret-token' },
      template: BAD,
    });
    expect(code).not.toBe(0);
    for (const fault of FAULTS) expect(output).toContain(fault);
    expect(output).not.toContain('stack traceback');
  });

  it('is told from one that is no YAML', async () => {
    const { code, output } = await startAndFail({ env: {}, template: 'services: [' });
    expect(code).not.toBe(0);
    expect(output).toContain('is not YAML');
  });

  it('is one in which a secret is too short to be one', async () => {
    const { code, output } = await startAndFail({ env: { ...URLS, WARMUP_TOKEN: 'short' } });
    expect(code).not.toBe(0);
    expect(output).toContain('plugin simple-redis-cache: config.warmup_token: length must be at least 8');
    expect(output).not.toContain('short\n');
  });

  it('is one whose service has no address', async () => {
    const env = { ...URLS, BFF_SERVICE_URL: 'http://nowhere.invalid:3001' };
    const { code, output } = await startAndFail({ env });
    expect(code).not.toBe(0);
    expect(output).toContain('service bff: host: cannot resolve nowhere.invalid');
  });
});

describe('the environment', () => {
  it('must name every address and secret; all that are missing are listed', async () => {
    const { code, output } = await startAndFail({ env: { NODE_ENV: 'production' } });
    expect(code).not.toBe(0);
    for (const name of [...Object.keys(URLS), 'WARMUP_TOKEN']) {
      expect(output).toContain(`kong.yml: ${name} is not set`);
    }
  });

  it('must not have an empty secret either', async () => {
    const { output } = await startAndFail({ env: { ...URLS, NODE_ENV: 'production', WARMUP_TOKEN: '' } });
    expect(output).toContain('kong.yml: WARMUP_TOKEN is not set');
  });

  it('is all that a rendered configuration takes from it: secrets stay references', async () => {
    const env: Record<string, string> = { PATH: process.env['PATH'] ?? '' };
    const template = await readFile(TEMPLATE, 'utf8');
    for (const [, name] of template.matchAll(/\$\{([A-Z_]+)\}/g)) env[name ?? ''] = 'value-with-&-and-\\1';
    for (const name of ['REDIS_USERNAME', 'REDIS_PASSWORD', 'WARMUP_TOKEN']) env[name] = 'a-secret';
    const { stdout } = await promisify(execFile)(RENDER, [TEMPLATE], { env });
    expect(stdout).toContain('url: value-with-&-and-\\1');
    expect(stdout).toContain('"{vault://env/warmup-token}"');
    expect(stdout).not.toContain('a-secret');
    expect(stdout).not.toMatch(/^[^#]*\$\{/m);
  });
});
