import { ConfigError, loadConfig } from '@doa-market/common/config';
import { Type } from 'typebox';
import { ConfigSchema } from '../config.ts';
import { createDatabase } from '../database.ts';
import { CommandError, runCommand } from './commands.ts';
import { createDeadLetterRepository } from './repository.ts';

/** `npm run events -- list | show | replay`; in production `node queue-server/dist/dead-letter/main.js`. */
try {
  const { DATABASE_URL } = loadConfig(Type.Pick(ConfigSchema, ['DATABASE_URL']), process.env);
  const database = createDatabase(DATABASE_URL);
  try {
    const answer = await runCommand(createDeadLetterRepository(database), process.argv.slice(2));
    process.stdout.write(`${answer}\n`);
  } finally {
    await database.$disconnect();
  }
} catch (error) {
  if (!(error instanceof CommandError || error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
