import { loadConfig } from '@doa-market/common/config';
import { ConfigSchema } from '../config.ts';
import { createDatabase } from '../database.ts';
import { createDeliveries } from './deliveries.ts';
import { rotateDeliveries } from './rotation.ts';

/** `npm run personal-data:rotate`: once all servers encrypt with a new key, the older ones can go after this. */
const config = loadConfig(ConfigSchema, process.env);
const database = createDatabase(config.DATABASE_URL);
const deliveries = createDeliveries(config);
try {
  const rows = await rotateDeliveries(database, deliveries);
  process.stdout.write(`${rows} rows are encrypted anew with "${deliveries.currentKey}"\n`);
} finally {
  await database.$disconnect();
}
