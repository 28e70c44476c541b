import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Everything that a running stack keeps; nothing of it is in version control. */
export interface DataPaths {
  data: string;
  logs: string;
  run: string;
}

export function dataPaths(data: string): DataPaths {
  return { data, logs: path.join(data, 'logs'), run: path.join(data, 'run') };
}
