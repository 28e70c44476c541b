import { keyFileOf } from './key-file-path.ts';
import { rotateKeys } from './rotation.ts';

/** `node dist/keys/rotate.js [file]`: running servers pick the new key up by themselves. */
try {
  const path = keyFileOf(process.argv[2]);
  const [added] = (await rotateKeys(path, Date.now())).slice(-1);
  const from = new Date((added?.signsFrom ?? 0) * 1_000).toISOString();
  process.stdout.write(`${path}: ${added?.kid} is published now and signs from ${from} on\n`);
} catch (error) {
  process.stderr.write(`the keys were not rotated: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
