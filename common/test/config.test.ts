import {
  ConfigError,
  ConnectionUrl,
  loadConfig,
  Port,
  Secret,
  ServerConfig,
} from '@doa-market/common/config';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';

const schema = Type.Object({
  ...ServerConfig,
  PORT: Port(3000),
  REDIS_URL: ConnectionUrl('redis', 'redis://127.0.0.1:6379'),
  API_KEY: Secret('a-development-secret'),
});
const production = {
  NODE_ENV: 'production',
  REDIS_URL: 'rediss://cache:6379',
  API_KEY: 'a-secret-of-its-own-0123',
};

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('the environment', () => {
  it('has defaults in development, secrets included', () => {
    expect(loadConfig(schema, {})).toMatchObject({
      NODE_ENV: 'development',
      PORT: 3000,
      REDIS_URL: 'redis://127.0.0.1:6379',
      API_KEY: 'a-development-secret',
    });
  });

  it('turns text into numbers and leaves out what it does not know', () => {
    const config = loadConfig(schema, { PORT: '8080', HOME: '/somewhere' });
    expect(config.PORT).toBe(8080);
    expect(config).not.toHaveProperty('HOME');
  });

  it('is frozen', () => {
    expect(Object.isFrozen(loadConfig(schema, {}))).toBe(true);
  });

  it('lists everything that is missing or bad in one error', () => {
    const problems = problemsOf({ NODE_ENV: 'production', PORT: 'http', LOG_LEVEL: 'loud' });
    expect(problems.join('\n')).toMatch(/REDIS_URL is missing/);
    expect(problems.join('\n')).toMatch(/API_KEY is missing/);
    expect(problems.join('\n')).toMatch(/PORT must be integer/);
    expect(problems.join('\n')).toMatch(/LOG_LEVEL .*: fatal, error/);
  });

  it('counts an empty variable as missing', () => {
    expect(problemsOf({ ...production, API_KEY: '' })).toEqual(['API_KEY is missing']);
  });

  it('refuses the development default of a secret in production', () => {
    expect(problemsOf({ ...production, API_KEY: 'a-development-secret' })).toEqual([
      'API_KEY is the development default, which production must not use',
    ]);
  });

  it('accepts a complete production environment', () => {
    expect(loadConfig(schema, production).API_KEY).toBe(production.API_KEY);
  });

  it('never repeats a value, which may be a secret', () => {
    expect(
      problemsOf({ ...production, API_KEY: 'short', REDIS_URL: 'http://user:pass@x' }).join(),
    ).not.toMatch(/short|pass@/);
  });
});
