import { loadConfig } from '@doa-market/common/config';
import { ConfigSchema } from '../config.ts';
import { createDatabase } from '../database.ts';
import { check, holds } from './check.ts';
import { print } from './print.ts';

/** `npm run ledger -w queue-server`: prints the books, and ends with 1 where they do not add up. */
const { DATABASE_URL } = loadConfig(ConfigSchema, process.env);
const database = createDatabase(DATABASE_URL);
try {
  const ledger = await check(database);
  process.stdout.write(print(ledger));
  if (!holds(ledger)) process.exitCode = 1;
} finally {
  await database.$disconnect();
}
