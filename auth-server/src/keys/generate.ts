import { loadSigningKeys } from './signing-keys.ts';

/** Makes the private JWK Set that production must bring: `node dist/keys/generate.js <file>`. Keeps one that is there. */
const [path] = process.argv.slice(2);
if (!path) {
  process.stderr.write('usage: generate <file>\n');
  process.exit(2);
}
const { kid } = await loadSigningKeys(path, { create: true });
process.stdout.write(`${path} signs with ${kid}\n`);
