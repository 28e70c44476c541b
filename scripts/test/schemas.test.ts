import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DATABASES } from '../src/databases.ts';
import { migrate } from '../src/migrate.ts';
import { ROOT } from '../src/paths.ts';
import { diagnose, diffToSchema } from '../src/schema-engine.ts';
import { temporaryDatabase } from '../src/testing.ts';

describe.each(Object.keys(DATABASES))('the migrations of %s', (server) => {
  const prisma = path.join(ROOT, server, 'prisma');
  const migrations = path.join(prisma, 'migrations');

  it('lead to its schema, as Prisma sees it', async () => {
    const { url, drop } = await temporaryDatabase(migrations);
    expect(await migrate(url, migrations)).toEqual([]);
    expect(await diffToSchema(url, path.join(prisma, 'schema.prisma'))).toBe('');
    expect(await diagnose(url, migrations)).toMatchObject({
      history: null,
      editedMigrationNames: [],
      failedMigrationNames: [],
    });
    await drop();
  });
});
