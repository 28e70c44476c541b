import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePorts, readPorts, requireFreePorts } from '../src/ports.ts';

describe('the ports', () => {
  it('are those of the environment, and otherwise the usual ones', () => {
    expect(readPorts({ PROXY_PORT: '9999', WEB_PORT: '' })).toMatchObject({
      proxy: 9999,
      web: 3000,
      postgres: 5433,
    });
  });

  it.each(['none', '0', '65536', '1.5', '-1'])('may not be %s', (value) => {
    expect(() => readPorts({ GATEWAY_PORT: value })).toThrow(`GATEWAY_PORT=${value} is not a port`);
  });

  it('may not be the same for two servers', () => {
    expect(() => readPorts({ PROXY_PORT: '3000' })).toThrow('WEB_PORT and PROXY_PORT are both 3000');
  });

  it('are all different when any will do', async () => {
    const ports = Object.values(await freePorts());
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('that are in use are all named at once', async () => {
    const ports = await freePorts();
    const holders = [ports.web, ports.redis].map((port) => createServer().listen(port, '127.0.0.1'));
    await Promise.all(holders.map((holder) => once(holder, 'listening')));
    const lines = await requireFreePorts(ports).then(
      () => '',
      (error: Error) => error.message,
    );
    for (const holder of holders) holder.close();
    expect(lines.split('\n')).toEqual([
      expect.stringMatching(
        `^port ${ports.redis} \\(redis\\) is in use by pid ${process.pid} .*; stop it or set REDIS_PORT$`,
      ),
      expect.stringMatching(
        `^port ${ports.web} \\(web\\) is in use by pid ${process.pid} .*; stop it or set WEB_PORT$`,
      ),
    ]);
  });
});
