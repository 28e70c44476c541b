import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageStore } from './store.ts';

/** A local folder: `{folder}/{hash}/{width}.{format}`. The route's schema has checked both names. */
export function createFolderStore(folder: string): ImageStore {
  return {
    async find(hash, file) {
      const path = join(folder, hash, file);
      const info = await unlessMissing(stat(path));
      return info && { size: info.size, stream: () => createReadStream(path) };
    },

    async has(hash) {
      return (await unlessMissing(stat(join(folder, hash)))) !== undefined;
    },

    async save(hash, files) {
      // Made aside and renamed, so that whoever is interrupted leaves no half picture under a final name.
      const aside = join(folder, `${hash}.${randomUUID()}.partial`);
      await mkdir(aside, { recursive: true });
      try {
        for (const { name, data } of files) await writeFile(join(aside, name), data);
        await renameUnlessThere(aside, join(folder, hash));
      } finally {
        await rm(aside, { recursive: true, force: true });
      }
    },
  };
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Of two who save the same content one wins, and it does not matter which. */
async function renameUnlessThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}
