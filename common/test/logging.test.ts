import { Writable } from 'node:stream';
import { runInContext } from '@doa-market/common/context';
import { createLogger } from '@doa-market/common/logging';
import { describe, expect, it } from 'vitest';

function capture() {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return { lines, logger: createLogger({ name: 'test', level: 'info' }, destination) };
}

describe('the logger', () => {
  it('hides secrets wherever they turn up', () => {
    const { lines, logger } = capture();
    logger.info(
      {
        password: 'secret-1',
        headers: { authorization: 'secret-2', cookie: 'secret-3', 'set-cookie': 'secret-4' },
        request: { headers: { authorization: 'secret-5' } },
        body: { accessToken: 'secret-6', member: { passwordHash: 'secret-7' } },
      },
      'hello',
    );
    expect(lines.join()).not.toMatch(/secret-\d/);
    expect(lines.join()).toContain('hello');
  });

  it('writes the id and the trace of the request being served', () => {
    const { lines, logger } = capture();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const { signal } = new AbortController();
    runInContext({ requestId: 'request-1', traceparent, signal }, () => logger.info('served'));
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ requestId: 'request-1', traceId: 'a'.repeat(32) });
  });
});
