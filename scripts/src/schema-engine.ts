import { readFileSync } from 'node:fs';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import type { DiagnoseMigrationHistoryOutput, MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { readMigrations } from './migrate.ts';

/** Prisma's schema engine as WebAssembly, over a driver: it writes and judges migrations, and needs no download. */

const NO_FILTERS = { externalTables: [], externalEnums: [] };

interface EngineModule {
  SchemaEngine: typeof SchemaEngine;
  __wbg_set_wasm: (exports: unknown) => void;
}

/** What is used here of the global that the libraries of browsers describe, and those of Node do not. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: { __wbindgen_start: () => void } } }>;
};

let loaded: Promise<EngineModule> | undefined;

/** Instantiated by hand, since importing a .wasm file is still behind a flag of Node's. */
async function load(): Promise<EngineModule> {
  const name = '@prisma/schema-engine-wasm/schema_engine_bg';
  const module: EngineModule = await import(name);
  const bytes = readFileSync(new URL('./schema_engine_bg.wasm', import.meta.resolve(name)));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': module });
  module.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  // Where the engine says why it gave up, before it traps.
  const set_message = (message: string) => console.error(message);
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message } });
  return module;
}

const CHAR_TYPE = 18;
const CHAR_ARRAY_TYPE = 1002;

type Query = (query: string | pg.QueryArrayConfig, values?: unknown[]) => Promise<pg.QueryResult>;

/**
 * The adapter does not know PostgreSQL's internal type "char", of which the catalogue's flags are, but the engine
 * insists on it. No catalogue query has an array of it, so that name is lent to let the columns through the adapter.
 */
class CataloguePool extends pg.Pool {
  override query = (async (...parameters: Parameters<Query>) => {
    const result: pg.QueryResult = await (super.query as Query)(...parameters);
    for (const field of result.fields) if (field.dataTypeID === CHAR_TYPE) field.dataTypeID = CHAR_ARRAY_TYPE;
    return result;
  }) as unknown as pg.Pool['query'];
}

class CatalogueAdapterFactory extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      const columnTypes = result.columnTypes.map((type) =>
        type === ColumnTypeEnum.CharacterArray ? ColumnTypeEnum.Character : type,
      );
      return { ...result, columnTypes };
    };
    return adapter;
  }
}

async function withEngine<T>(databaseUrl: string, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  loaded ??= load();
  const { SchemaEngine } = await loaded;
  const pool = new CataloguePool({ connectionString: databaseUrl });
  try {
    const factory = new CatalogueAdapterFactory(pool, { schema: 'public' });
    const engine = await SchemaEngine.new(
      { datamodels: undefined },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(factory),
    );
    return await use(engine);
  } finally {
    await pool.end();
  }
}

/** SQL that takes a database to a schema; empty when they agree. */
export async function diffToSchema(databaseUrl: string, schemaFile: string): Promise<string> {
  const files = [{ path: schemaFile, content: readFileSync(schemaFile, 'utf8') }];
  const params = {
    from: { tag: 'schemaDatasource' as const, files, configDir: '.' },
    to: { tag: 'schemaDatamodel' as const, files },
    script: true,
    exitCode: true,
    filters: NO_FILTERS,
  };
  const result = await withEngine(databaseUrl, (engine) => engine.diff(params));
  return result.exitCode === 2 ? (result.stdout ?? '') : '';
}

/** What Prisma thinks of a database's history against a migrations directory. */
export function diagnose(
  databaseUrl: string,
  migrationsDir: string,
): Promise<DiagnoseMigrationHistoryOutput> {
  const migrationsList: MigrationList = {
    baseDir: migrationsDir,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: readMigrations(migrationsDir).map(({ name, script }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: script } },
    })),
  };
  return withEngine(databaseUrl, (engine) =>
    engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters: NO_FILTERS }),
  );
}
