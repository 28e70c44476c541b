import { dataFolder } from './environment.ts';
import { dataPaths } from './paths.ts';
import { endProcess } from './process-identity.ts';
import { endLeftovers, releaseStack, runningStack } from './run-records.ts';

/** The supervisor stops its processes one after the other, and each may take its time to drain. */
const PATIENCE = 60_000;

/** Stops the running stack, or what is left of one. */
export async function stop(): Promise<void> {
  const { run } = dataPaths(dataFolder(process.env));
  const stack = runningStack(run);
  if (stack) await endProcess(stack, 'SIGTERM', PATIENCE);
  const left = await endLeftovers(run);
  releaseStack(run);
  if (stack) return console.log('stopped');
  console.log(left.length > 0 ? `ended what was left running: ${left.join(', ')}` : 'not running');
}
