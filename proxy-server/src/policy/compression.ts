import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Encoding, Representation } from '../cache/stored-response.ts';

const brotliAsync = promisify(brotliCompress);

/** Below this a header costs more than the compression saves. */
const MIN_BYTES = 512;

/** Somebody waits for it, and to go to another thread costs more than it takes: 0.7 ms for a page of 180 KB. */
const compressGzip = async (body: Uint8Array): Promise<Uint8Array> =>
  Bun.gzipSync(new Uint8Array(body), { level: 6, library: 'libdeflate' });

/** Made once and served many times, so it may take its time in the background. */
const compressBrotli = (body: Uint8Array): Promise<Uint8Array> =>
  brotliAsync(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 9,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.byteLength,
    },
  });

const compressors = { gzip: compressGzip, br: compressBrotli };

/** Another encoding of a body; undefined where it is not worth it. */
export async function compressed(
  { body, etag }: Representation,
  encoding: Exclude<Encoding, 'identity'>,
): Promise<Representation | undefined> {
  if (body.byteLength < MIN_BYTES) return undefined;
  return { encoding, body: await compressors[encoding](body), etag: etagFor(etag, encoding) };
}

/** The validator of an encoding, made from that of the page: `"abc"` becomes `"abc-gzip"`. */
const etagFor = (etag: string | null, encoding: Encoding): string | null =>
  etag === null ? null : `${etag.slice(0, -1)}-${encoding}"`;
