import { availableParallelism } from 'node:os';

/** How many processes `WORKERS` asks for; `auto` is one for each core that this process may use. */
export const countWorkers = (setting: string): number =>
  setting === 'auto' ? availableParallelism() : Number(setting);
