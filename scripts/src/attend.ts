import { once } from 'node:events';
import { Failure } from './failure.ts';
import type { Stack } from './stack.ts';

const FORCED_EXIT = 130;

/** Runs what `begin` starts until a signal comes, and stops it in order; a second signal does not wait for that. */
export async function attend(begin: (signal: AbortSignal) => Promise<Stack>): Promise<void> {
  const stopping = new AbortController();
  let stack: Stack | undefined;
  const onSignal = () => {
    if (!stopping.signal.aborted) return stopping.abort(new Failure('stopped'));
    console.log('stopping at once');
    stack?.kill();
    process.exit(FORCED_EXIT);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

  try {
    stack = await begin(stopping.signal);
  } catch (error) {
    if (stopping.signal.aborted) return console.log('stopped');
    throw error;
  }
  process.send?.('ready');
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  console.log('\nstopping (Ctrl-C again to stop at once)');
  await stack.stop();
  console.log('stopped');
}
