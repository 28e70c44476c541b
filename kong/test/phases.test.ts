import { fileURLToPath } from 'node:url';
import { until } from '@doa-market/common/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { external, type Market, openMarket } from './support/market.ts';

const PLUGINS = fileURLToPath(new URL('./plugins', import.meta.url));

const TEMPLATE = `
_format_version: "3.0"
services:
  - name: a
    url: \${BFF_SERVICE_URL}
    plugins:
      - { name: recorder, config: { label: service } }
    routes:
      - { name: by-service, paths: [/by-service] }
      - name: by-route
        paths: [/by-route]
        plugins: [{ name: recorder, config: { label: route } }]
      - name: exits
        paths: [/exits]
        plugins: [{ name: stopper, config: { mode: exit } }]
      - name: errors
        paths: [/errors]
        plugins: [{ name: stopper, config: { mode: error } }]
      - name: raises
        paths: [/raises]
        plugins: [{ name: stopper, config: { mode: raise } }]
      - name: late
        paths: [/late]
        plugins: [{ name: stopper, config: { mode: late } }]
      - name: buffers
        paths: [/buffers]
        plugins: [{ name: buffering }]
      - name: replaces
        paths: [/replaces]
        plugins: [{ name: buffering, config: { replace: true } }]
      - name: trespasses
        paths: [/trespasses]
        plugins: [{ name: trespasser }]
  - name: b
    url: \${QUEUE_SERVICE_URL}
    routes:
      - { name: by-default, paths: [/by-default] }
      - name: disabled
        paths: [/disabled]
        plugins: [{ name: recorder, enabled: false, config: { label: disabled } }]
plugins:
  - { name: recorder, config: { label: global } }
  - name: recorder
    service: b
    route: by-default
    config: { label: both }
`;

let market: Market;

beforeAll(async () => {
  if (!external) market = await openMarket({ template: TEMPLATE, env: { GATEWAY_PLUGINS: PLUGINS } });
});

afterAll(() => market?.close());

describe.skipIf(external)('the most specific config of a plugin', () => {
  it.each([
    ['/by-service', 'service'],
    ['/by-route', 'route'],
    ['/by-default', 'both'],
    ['/disabled', 'global'],
  ])('on %s is that of %s, and the only one that runs', async (path, label) => {
    const { headers, text } = await market.get(path);
    // Only global plugins have a rewrite phase: no route is known yet.
    expect(headers['x-phases']).toBe(`rewrite:global access:${label} header_filter:${label}`);
    expect(text.endsWith(`|${label}`)).toBe(true);
    expect(headers['x-source']).toBe('service');
  });

  it('is the global one where there is no route', async () => {
    const { status, headers, text } = await market.get('/nowhere');
    expect(status).toBe(404);
    expect(headers['x-phases']).toBe('rewrite:global header_filter:global');
    expect(text.endsWith('|global')).toBe(true);
  });
});

describe.skipIf(external)('an exit', () => {
  it('keeps later plugins from access, but not from their other phases', async () => {
    const { status, headers, text } = await market.get('/exits');
    expect(status).toBe(418);
    expect(headers).toMatchObject({
      'x-stopped': 'yes',
      'x-source': 'exit',
      'content-type': 'application/json; charset=utf-8',
      'x-phases': 'rewrite:global header_filter:service',
    });
    expect(text).toBe('{"stopped":true}|service');
    expect(market.services.bff.seen.filter(({ url }) => url.includes('exits'))).toHaveLength(0);
    await until(() => market.gateway.output().includes('recorder logged /exits 418'), 'the log phase');
  });

  it('of the kind error has a message', async () => {
    const { status, text } = await market.get('/errors');
    expect(status).toBe(503);
    expect(text).toBe('{"message":"stopped"}|service');
  });

  it('does not return', async () => {
    const { status, text } = await market.get('/late');
    expect(status).toBe(202);
    expect(text).toBe('first|service');
  });

  it('answers HEAD with headers alone', async () => {
    const { status, text } = await market.get('/exits', { method: 'HEAD' });
    expect(status).toBe(418);
    expect(text).toBe('');
  });
});

describe.skipIf(external)('a plugin that raises in access', () => {
  it('ends the request with 500 and says nothing of the reason', async () => {
    const { status, text } = await market.get('/raises');
    expect(status).toBe(500);
    expect(text).toBe('{"message":"An unexpected error occurred"}|service');
    await until(() => market.gateway.output().includes('stopper raised'), 'a line in the log');
  });
});

describe.skipIf(external)('what Kong throws at', () => {
  it('is thrown at here: functions out of their phase, and what they do not take', async () => {
    const { headers, text } = await market.get('/trespasses');
    expect(headers['x-allowed-in-access']).toBe('nothing');
    expect(headers['x-allowed-in-header-filter']).toBe('nothing');
    expect(text).toBe('nothing');
  });
});

describe.skipIf(external)('the response phase', () => {
  it('sees the whole answer before the client does', async () => {
    market.services.bff.reply = (response) => {
      response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'x-own': 'kept' });
      response.write('x'.repeat(50_000));
      response.end('y'.repeat(50_000));
    };
    const { status, headers, body } = await market.get('/buffers');
    expect(status).toBe(201);
    expect(headers).toMatchObject({ 'x-seen': '201:100000', 'x-own': 'kept', 'set-cookie': ['a=1', 'b=2'] });
    expect(body.length).toBe(100_000 + '|service'.length);
    market.services.bff.reset();
  });

  it('can ask for a header of the service, but not walk through them', async () => {
    market.services.bff.reply = (response) => response.writeHead(200, { 'X-Own': 'asked' }).end('body');
    const { headers } = await market.get('/buffers');
    expect(headers).toMatchObject({ 'x-asked': 'asked', 'x-walked': '0' });
    market.services.bff.reset();
  });

  it('may answer something else, and the other plugins filter that', async () => {
    const { status, headers, text } = await market.get('/replaces');
    expect(status).toBe(203);
    expect(headers['x-replaced']).toBe('yes');
    expect(text).toBe('replaced|service');
  });

  it('is skipped when only half of an answer came', async () => {
    market.services.bff.reply = (response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('half', () => response.socket?.destroy());
    };
    const { headers, text } = await market.get('/buffers');
    expect(headers['x-seen']).toBeUndefined();
    expect(text).not.toContain('half');
    market.services.bff.reset();
  });
});
