import { createRequire } from 'node:module';
import { Failure } from './failure.ts';

/** Bun's program: npm's shim for it works only once an install script has run, and none is run here. */
export function bunBinary(): string {
  const resolve = createRequire(createRequire(import.meta.url).resolve('bun/package.json')).resolve;
  const architecture = process.arch === 'arm64' ? 'aarch64' : process.arch;
  for (const variant of [architecture, `${architecture}-musl`]) {
    try {
      return resolve(`@oven/bun-${process.platform}-${variant}/bin/bun`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Failure(
    `no Bun for this machine: npm package @oven/bun-${process.platform}-${architecture} is missing`,
  );
}
