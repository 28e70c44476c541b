import { crc32 } from 'node:zlib';

/** The same bytes as a Buffer, not a copy. */
export const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Tells a payload that was damaged, or written by somebody else, from one that was stored. */
export const checksumOf = (payload: Uint8Array): string => crc32(payload).toString(16);
