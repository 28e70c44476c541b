import { createKey, createKeyFile, readKeyFile } from './key-file.ts';
import { keyFileOf } from './key-file-path.ts';

/** Makes the private JWK Set that production must bring: `node dist/keys/generate.js <file>`. Keeps one that is there. */
const [argument] = process.argv.slice(2);
if (!argument) {
  process.stderr.write('usage: generate <file>\n');
  process.exit(2);
}
const path = keyFileOf(argument);
await createKeyFile(path, [await createKey()]);
const keys = await readKeyFile(path);
process.stdout.write(`${path} holds ${keys?.map(({ kid }) => kid).join(', ')}\n`);
