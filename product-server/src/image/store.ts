import type { Readable } from 'node:stream';

export interface StoredFile {
  /** Bytes. */
  size: number;
  stream: () => Readable;
}

/** One width and format of an image: `640.webp` and its bytes. */
export interface RenderedFile {
  name: string;
  data: Buffer;
}

/** Where rendered images are kept, by the hash of what they were made of. */
export interface ImageStore {
  /** The file of one width and format, or undefined where there is none. */
  find(hash: string, file: string): Promise<StoredFile | undefined>;
  /** Whether all files of an image are there. */
  has(hash: string): Promise<boolean>;
  /** All files of an image, or none: nobody finds half of one. */
  save(hash: string, files: readonly RenderedFile[]): Promise<void>;
}
