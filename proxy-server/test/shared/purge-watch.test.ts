import { expect, it, onTestFinished, vi } from 'vitest';
import { createPurgeWatch } from '../../src/shared/purge-watch.ts';
import type { PurgeRecord } from '../../src/shared/replies.ts';

/** A watch on a log that the test writes, and what it said so far. */
async function openWatch() {
  const log: PurgeRecord[] = [{ previous: 0, number: 1, tags: [] }];
  const said: string[] = [];
  let isSilent = false;
  const commands = {
    join: async () => log.at(-1)?.number ?? 0,
    async purgesSince(known: number) {
      if (isSilent) throw new Error('no answer');
      return log.some(({ number }) => number === known)
        ? log.filter(({ number }) => number > known)
        : undefined;
    },
  };
  const watch = createPurgeWatch({
    commands,
    link: { isOpen: () => isSilent, askAnyway: (command) => command() },
    events: {
      onPurged: (tags) => said.push(...tags),
      onLost: () => said.push('lost'),
      onStored: () => undefined,
    },
  });
  onTestFinished(() => watch.stop());
  await watch.look();

  return {
    ...watch,
    said,
    silence: (silent: boolean) => {
      isSilent = silent;
    },
    /** Adds a purge to the log, and answers the message of it. */
    purge(tag: string): PurgeRecord {
      const previous = log.at(-1)?.number ?? 0;
      const record = { previous, number: previous + 10, tags: [tag] };
      log.push(record);
      return record;
    },
  };
}

it('a purge that was heard of and is read again is said once', async () => {
  const watch = await openWatch();
  const record = watch.purge('a');
  watch.heard(record);
  await watch.look();
  watch.heard(record);
  watch.done(record);
  expect(watch.said).toEqual(['lost', 'a']);
});

it('a purge whose message was lost is said when the next one is heard of, in order', async () => {
  const watch = await openWatch();
  watch.purge('lost on the way');
  watch.heard(watch.purge('heard'));
  await vi.waitFor(() => expect(watch.said).toEqual(['lost', 'lost on the way', 'heard']));
});

it('a purge of this process is said at once, whatever is missing before it', async () => {
  const watch = await openWatch();
  watch.silence(true);
  watch.purge('elsewhere');
  watch.done(watch.purge('here'));
  expect(watch.said).toEqual(['lost', 'here']);
  watch.silence(false);
  await vi.waitFor(() => expect(watch.said).toEqual(['lost', 'here', 'elsewhere', 'here']));
});
