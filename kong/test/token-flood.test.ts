import { until } from '@doa-market/common/testing';
import { describe, expect, it } from 'vitest';
import { external, openMarket } from './support/market.ts';
import { bearer } from './support/tokens.ts';

describe.skipIf(external)('a flood of bad tokens', () => {
  it('is turned away cheaply, and those who are known go on', async () => {
    const template = `
_format_version: "3.0"
services:
  - name: a
    url: \${BFF_SERVICE_URL}
    routes: [{ name: a, paths: [/a] }]
plugins:
  - name: token-validator
    config:
      jwks_uri: \${AUTH_SERVICE_URL}/.well-known/jwks.json
      issuer: \${JWT_ISSUER}
      max_bad_tokens: 5
      check_revocation: false
`;
    const own = await openMarket({ template, env: { GATEWAY_WORKERS: '1' } });
    try {
      const known = await own.as();
      expect((await own.get('/a', { headers: known })).status).toBe(200);
      const [header, claims] = (await own.token()).split('.');
      const turnedAway = await until(async () => {
        const noise = Buffer.alloc(64, Math.random().toString()).toString('base64url');
        const answer = await own.get('/a', { headers: bearer(`${header}.${claims}.${noise}`) });
        return answer.status === 429 && answer;
      }, '429');
      expect(turnedAway.json).toMatchObject({ code: 'REQ_4290' });
      expect(turnedAway.headers['retry-after']).toBe('1');
      expect((await own.get('/a', { headers: known })).status).toBe(200);
      await until(
        async () => (await own.get('/a', { headers: await own.as() })).status === 200,
        'the next second',
      );
    } finally {
      await own.close();
    }
  });
});
