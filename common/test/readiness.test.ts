import { createReadiness, readinessStatusCode } from '@doa-market/common/lifecycle';
import { describe, expect, it } from 'vitest';

const up = { name: 'up', check: () => Promise.resolve() };
const down = {
  name: 'down',
  check: () => Promise.reject(Object.assign(new Error('connect 10.0.0.1:5432'), { code: 'ECONNREFUSED' })),
};

describe('readiness', () => {
  it('is ready when every dependency answers', async () => {
    const result = await createReadiness([up]).probe();
    expect(result).toEqual({ status: 'ready', checks: { up: { status: 'up', required: true } } });
    expect(readinessStatusCode(result)).toBe(200);
  });

  it('names the dependency that does not answer, without its address', async () => {
    const result = await createReadiness([up, down]).probe();
    expect(result.status).toBe('unavailable');
    expect(result.checks['down']).toEqual({ status: 'down', required: true, error: 'ECONNREFUSED' });
    expect(readinessStatusCode(result)).toBe(503);
  });

  it('is degraded, and still serves, without a dependency that has a fallback', async () => {
    const result = await createReadiness([up, { ...down, required: false }]).probe();
    expect(result.status).toBe('degraded');
    expect(readinessStatusCode(result)).toBe(200);
  });

  it('gives up on a dependency that hangs', async () => {
    const result = await createReadiness([
      { name: 'slow', check: () => new Promise(() => undefined) },
    ]).probe();
    expect(result.checks['slow']).toEqual({ status: 'down', required: true, error: 'timeout' });
  });

  it('asks a dependency once for many probes at a time', async () => {
    let calls = 0;
    const readiness = createReadiness([{ name: 'counted', check: async () => (calls += 1) }]);
    await Promise.all(Array.from({ length: 20 }, () => readiness.probe()));
    expect(calls).toBe(1);
  });

  it('is not ready while draining', async () => {
    const readiness = createReadiness([up]);
    readiness.startDraining();
    const result = await readiness.probe();
    expect(result.status).toBe('draining');
    expect(readinessStatusCode(result)).toBe(503);
  });
});
