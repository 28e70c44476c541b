import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export interface StoredFile {
  size: number;
  stream: () => Readable;
}

/** Where rendered images are kept. */
export interface ImageStore {
  /** The file of one width and format, or undefined where there is none. */
  find(hash: string, file: string): Promise<StoredFile | undefined>;
}

/** A local folder: `{folder}/{hash}/{width}.{format}`. The route's schema has checked both names. */
export function createFolderStore(folder: string): ImageStore {
  return {
    async find(hash, file) {
      const path = join(folder, hash, file);
      const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return info && { size: info.size, stream: () => createReadStream(path) };
    },
  };
}
