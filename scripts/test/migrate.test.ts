import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../src/migrate.ts';
import { diagnose, diffToSchema } from '../src/schema-engine.ts';
import { temporaryDatabase } from '../src/testing.ts';

const SCHEMA = `datasource db {
  provider = "postgresql"
}

model Member {
  id    String @id @db.Uuid
  email String @unique
}
`;
const FIRST = `CREATE TABLE "Member" ("id" UUID NOT NULL, "email" TEXT NOT NULL, CONSTRAINT "Member_pkey" PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "Member_email_key" ON "Member"("email");`;
const WITH_FUNCTION = `CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN n * 2; END; $$;`;

const directory = mkdtempSync(path.join(tmpdir(), 'doa-migrate-'));
const empty = path.join(directory, 'empty');
const migrations = path.join(directory, 'migrations');
const schema = path.join(directory, 'schema.prisma');
let url: string;

function write(name: string, sql: string): void {
  mkdirSync(path.join(migrations, name), { recursive: true });
  writeFileSync(path.join(migrations, name, 'migration.sql'), sql);
}

async function query<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

beforeEach(async () => {
  rmSync(migrations, { recursive: true, force: true });
  mkdirSync(empty, { recursive: true });
  write('20260101000000_members', FIRST);
  writeFileSync(schema, SCHEMA);
  const database = await temporaryDatabase(empty);
  url = database.url;
  return database.drop;
});

afterAll(() => rmSync(directory, { recursive: true }));

describe('migrate', () => {
  it('applies each migration once, in the order of their names', async () => {
    write('20260102000000_function', WITH_FUNCTION);
    expect(await migrate(url, migrations)).toEqual(['20260101000000_members', '20260102000000_function']);
    expect(await migrate(url, migrations)).toEqual([]);
    expect(await query('SELECT twice(21)')).toEqual([{ twice: 42 }]);
  });

  it('applies a migration once when two processes migrate at the same time', async () => {
    const applied = await Promise.all([
      migrate(url, migrations),
      migrate(url, migrations),
      migrate(url, migrations),
    ]);
    expect(applied.flat()).toEqual(['20260101000000_members']);
  });

  it('leaves nothing of a migration that fails, and refuses to go on until that is resolved', async () => {
    write('20260102000000_bad', 'CREATE TABLE half (id integer); SELECT no_such_function();');
    await expect(migrate(url, migrations)).rejects.toThrow(
      '20260102000000_bad failed: function no_such_function()',
    );
    expect(await query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
    await expect(migrate(url, migrations)).rejects.toThrow('20260102000000_bad failed earlier');
  });

  it('refuses a migration that was changed after it was applied', async () => {
    await migrate(url, migrations);
    write('20260101000000_members', `${FIRST}\n-- changed`);
    await expect(migrate(url, migrations)).rejects.toThrow('was changed after it was applied');
  });

  it('refuses a database that is ahead of the directory', async () => {
    await migrate(url, migrations);
    rmSync(path.join(migrations, '20260101000000_members'), { recursive: true });
    await expect(migrate(url, migrations)).rejects.toThrow('is applied, but not in the directory');
  });
});

describe("Prisma's own engine", () => {
  it('finds the history in order and nothing that differs from the schema', async () => {
    await migrate(url, migrations);
    expect(await diagnose(url, migrations)).toEqual({
      editedMigrationNames: [],
      failedMigrationNames: [],
      hasMigrationsTable: true,
      history: null,
    });
    expect(await diffToSchema(url, schema)).toBe('');
  });

  it('finds the same failed, edited and missing migrations', async () => {
    await migrate(url, migrations);
    write('20260102000000_bad', 'SELECT no_such_function();');
    await expect(migrate(url, migrations)).rejects.toThrow();
    write('20260101000000_members', `${FIRST}\n-- changed`);
    expect(await diagnose(url, migrations)).toMatchObject({
      editedMigrationNames: ['20260101000000_members'],
      failedMigrationNames: ['20260102000000_bad'],
    });
  });

  it('writes what is missing from the migrations', async () => {
    await migrate(url, migrations);
    writeFileSync(schema, SCHEMA.replace('email String', 'name  String?\n  email String'));
    expect(await diffToSchema(url, schema)).toContain('ALTER TABLE "Member" ADD COLUMN     "name" TEXT');
  });
});
