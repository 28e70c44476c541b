import { loadConfig } from '@doa-market/common/config';
import { ConfigSchema } from '../config.ts';
import { createDatabase } from '../database.ts';
import { createPersonalData } from './index.ts';
import { protectPersonalData } from './protect.ts';
import { rotate } from './rotation.ts';

/** `npm run personal-data:rotate`: once all servers encrypt with a new key, the older ones can go after this. */
const config = loadConfig(ConfigSchema, process.env);
const database = createDatabase(config.DATABASE_URL);
const personalData = createPersonalData(config);
try {
  await protectPersonalData(database, personalData);
  const rows = await rotate(database, personalData);
  process.stdout.write(`${rows} rows are encrypted anew with "${personalData.keys.current.id}"\n`);
} finally {
  await database.$disconnect();
}
