import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { ROOT } from './paths.ts';
import { DEVELOPMENT_SECRETS } from './services.ts';

/** Puts the settings of `.env` below those of the environment. */
export function readEnvironmentFile(): void {
  const file = path.join(ROOT, '.env');
  if (!existsSync(file)) return;
  for (const [name, value] of Object.entries(parseEnv(readFileSync(file, 'utf8')))) {
    if (value && process.env[name] === undefined) process.env[name] = value;
  }
}

export function readSecrets(env: NodeJS.ProcessEnv): typeof DEVELOPMENT_SECRETS {
  return {
    AUTH_BASIC_KEY: env['AUTH_BASIC_KEY'] || DEVELOPMENT_SECRETS.AUTH_BASIC_KEY,
    WARMUP_TOKEN: env['WARMUP_TOKEN'] || DEVELOPMENT_SECRETS.WARMUP_TOKEN,
    PURGE_TOKEN: env['PURGE_TOKEN'] || DEVELOPMENT_SECRETS.PURGE_TOKEN,
    REVALIDATE_TOKEN: env['REVALIDATE_TOKEN'] || DEVELOPMENT_SECRETS.REVALIDATE_TOKEN,
  };
}

/** Where `npm start` keeps what it keeps. */
export const dataFolder = (env: NodeJS.ProcessEnv): string => path.resolve(ROOT, env['DOA_DATA'] || '.data');
