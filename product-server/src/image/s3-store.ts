import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { unavailable } from '@doa-market/common/errors';
import { IMMUTABLE } from '../caching.ts';
import type { ImageStore, RenderedFile } from './store.ts';

interface S3StoreOptions {
  bucket: string;
  region: string;
  /** Of a server that is not AWS. */
  endpoint?: string | undefined;
  /** Without them the SDK looks where it usually does. */
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** Written last, so that an image whose upload was interrupted is not taken for a whole one. */
const COMPLETE = 'complete';

/** A bucket of S3, or of what speaks like it: `{hash}/{width}.{format}`. */
export function createS3Store({ bucket, region, endpoint, credentials }: S3StoreOptions) {
  const client = new S3Client({
    region,
    maxAttempts: 2,
    // Servers that are not AWS know no other checksums than those that the protocol always had.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000 },
    ...(endpoint && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
  });

  async function put(hash: string, { name, data }: RenderedFile): Promise<void> {
    await client
      .send(
        new PutObjectCommand({
          ...{ Bucket: bucket, Key: `${hash}/${name}`, Body: data, CacheControl: IMMUTABLE },
          ContentType: typeOf(name),
        }),
      )
      .catch(isAway);
  }

  const store: ImageStore = {
    async find(hash, file) {
      const object = await client
        .send(new GetObjectCommand({ Bucket: bucket, Key: `${hash}/${file}` }))
        .catch(unlessMissing);
      if (!object) return undefined;
      const { Body, ContentLength } = object;
      if (!(Body instanceof Readable) || ContentLength === undefined) throw unavailable();
      return { size: ContentLength, stream: () => Body };
    },

    async has(hash) {
      const key = { Bucket: bucket, Key: `${hash}/${COMPLETE}` };
      return (await client.send(new HeadObjectCommand(key)).catch(unlessMissing)) !== undefined;
    },

    async save(hash, files) {
      await Promise.all(files.map((file) => put(hash, file)));
      await put(hash, { name: COMPLETE, data: Buffer.from('1') });
    },
  };
  return { ...store, close: () => client.destroy() };
}

function typeOf(name: string): string {
  if (name === COMPLETE) return 'text/plain';
  return name.endsWith('.avif') ? 'image/avif' : 'image/webp';
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
  return isAway(error);
}

function isAway(error: unknown): never {
  throw unavailable(error);
}
