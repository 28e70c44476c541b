import { migrate } from './migrate.ts';

/** Applies a migrations directory to DATABASE_URL and ends: what runs once before a server of a new version. */
const [directory] = process.argv.slice(2);
const url = process.env['DATABASE_URL'];
if (!directory || !url) {
  console.error('usage: DATABASE_URL=... migrate-deploy <migrations directory>');
  process.exit(2);
}
try {
  const applied = await migrate(url, directory);
  console.log(applied.length === 0 ? 'no migration to apply' : `applied ${applied.join(', ')}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
