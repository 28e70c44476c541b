/** Bun's own name, read once when the process starts: requests to origins beyond it wait for a turn. */
const LIMIT_NAME = 'BUN_CONFIG_MAX_HTTP_REQUESTS';
const LIMIT = '8192';

/** Not in the type packages yet. */
interface Replaceable {
  execve?: (file: string, args: readonly string[], env: Record<string, string | undefined>) => never;
}

/** One slow origin must not starve the others at Bun's default of 256: starts over with a higher limit. */
export function allowManyConnections(): void {
  if (process.env[LIMIT_NAME] !== undefined) return;
  const args = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  (process as Replaceable).execve?.(process.execPath, args, { ...process.env, [LIMIT_NAME]: LIMIT });
}
