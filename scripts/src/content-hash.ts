import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths.ts';

/** What was made from the rest, and what is not built. */
const GENERATED = new Set([
  'node_modules',
  'dist',
  '.next',
  '.next-test',
  'next-env.d.ts',
  'generated',
  'test',
  'coverage',
]);

function* filesBelow(file: string): Generator<string> {
  const entry = statSync(file, { throwIfNoEntry: false });
  if (!entry) return;
  if (!entry.isDirectory()) return yield file;
  for (const name of readdirSync(file).sort()) {
    if (!GENERATED.has(name) && !name.endsWith('.tsbuildinfo')) yield* filesBelow(path.join(file, name));
  }
}

/** A digest of the contents of files and folders of the checkout, and of whatever else matters. */
export function contentHash(inputs: readonly string[], extra: readonly string[] = []): string {
  const hash = createHash('sha256').update(JSON.stringify([process.version, ...extra]));
  for (const input of inputs) {
    for (const file of filesBelow(path.join(ROOT, input))) {
      const content = readFileSync(file);
      hash.update(`${path.relative(ROOT, file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}
