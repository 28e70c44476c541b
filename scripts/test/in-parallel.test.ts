import { describe, expect, it } from 'vitest';
import { inParallel } from '../src/in-parallel.ts';

const task = (name: string, ...after: string[]) => ({ name, after });
const aMoment = () => new Promise((resolve) => setImmediate(resolve));

describe('tasks', () => {
  it('are done as soon as what they wait for is done, so many at once', async () => {
    const log: string[] = [];
    let atWork = 0;
    let most = 0;
    await inParallel(
      [
        task('roof', 'walls'),
        task('walls', 'ground'),
        task('garden', 'ground'),
        task('ground'),
        task('path'),
      ],
      async ({ name }) => {
        most = Math.max(most, ++atWork);
        log.push(name);
        await aMoment();
        atWork -= 1;
      },
      { atOnce: 2 },
    );
    expect(log.slice(0, 2)).toEqual(['ground', 'path']);
    expect(log.slice(2)).toEqual(['walls', 'garden', 'roof']);
    expect(most).toBe(2);
  });

  it('end with the first that fails, once all have ended', async () => {
    const log: string[] = [];
    const work = inParallel(
      [task('fails'), task('is aborted'), task('comes after', 'fails'), task('never begins')],
      async ({ name }, signal) => {
        log.push(name);
        if (name === 'fails') throw new Error('no ground');
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
      { atOnce: 2 },
    );
    await expect(work).rejects.toThrow('no ground');
    expect(log).toEqual(['fails', 'is aborted']);
  });

  it('end when they are told to', async () => {
    const ended = new AbortController();
    const work = inParallel([task('a'), task('b', 'a')], async () => ended.abort(new Error('enough')), {
      signal: ended.signal,
    });
    await expect(work).rejects.toThrow('enough');
  });

  it('that wait for each other are refused', async () => {
    const work = inParallel([task('a', 'b'), task('b', 'a')], async () => undefined);
    await expect(work).rejects.toThrow('nothing leads to a, b');
  });
});
