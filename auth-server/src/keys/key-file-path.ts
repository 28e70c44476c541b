import path from 'node:path';

const DEFAULT = path.join('.data', 'auth', 'keys.json');

/** The key file of a command; npm runs commands in the folder of their workspace, and the caller stands elsewhere. */
export const keyFileOf = (argument: string | undefined): string =>
  path.resolve(process.env['INIT_CWD'] ?? '.', argument || process.env['JWT_KEYS_FILE'] || DEFAULT);
