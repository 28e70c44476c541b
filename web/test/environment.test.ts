import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../src/api/environment';

describe('the environment', () => {
  it('has defaults in development', () => {
    expect(readEnvironment({})).toEqual({
      gatewayUrl: 'http://127.0.0.1:8000',
      basicKey: 'doa-web:doa-web-development-secret',
      requestTimeout: 5_000,
      firstPartyToken: undefined,
      revalidateToken: 'doa-revalidate-development-token',
    });
  });

  it('names everything that is missing in production, at once', () => {
    const read = () => readEnvironment({ NODE_ENV: 'production', REQUEST_TIMEOUT: 'soon' });
    expect(read).toThrow(/KONG_GATEWAY_URL.*AUTH_BASIC_KEY.*REVALIDATE_TOKEN.*REQUEST_TIMEOUT/);
  });

  it('refuses the development secret for a gateway on another machine', () => {
    const secrets = {
      NODE_ENV: 'production',
      AUTH_BASIC_KEY: 'doa-web:doa-web-development-secret',
      REVALIDATE_TOKEN: 'doa-revalidate-development-token',
    };
    expect(() => readEnvironment({ ...secrets, KONG_GATEWAY_URL: 'http://kong:8000' })).toThrow(
      /AUTH_BASIC_KEY.*REVALIDATE_TOKEN/,
    );
    expect(readEnvironment({ ...secrets, KONG_GATEWAY_URL: 'http://127.0.0.1:8000' }).basicKey).toBeTruthy();
  });

  it('takes the gateway with or without a slash at its end', () => {
    expect(readEnvironment({ KONG_GATEWAY_URL: 'http://kong:8000/' }).gatewayUrl).toBe('http://kong:8000');
  });
});
