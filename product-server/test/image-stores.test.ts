import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ProblemError } from '@doa-market/common/errors';
import S3rver from 's3rver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImageStore } from '../src/image/create-store.ts';
import { createFolderStore } from '../src/image/folder-store.ts';
import { createS3Store } from '../src/image/s3-store.ts';
import type { ImageStore } from '../src/image/store.ts';

const BUCKET = 'images';
const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

let folder: string;
let server: S3rver;
let s3: ReturnType<typeof createS3Store>;
const stores = new Map<string, ImageStore>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-stores-'));
  server = new S3rver({
    ...{ port: 0, address: '127.0.0.1', silent: true, directory: join(folder, 's3') },
    configureBuckets: [{ name: BUCKET }],
  });
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  s3 = createS3Store({ bucket: BUCKET, region: 'ap-northeast-2', endpoint, credentials });
  stores.set('a folder', createFolderStore(join(folder, 'local')));
  stores.set('S3', s3);
});
afterAll(async () => {
  s3.close();
  await server.close();
  await rm(folder, { recursive: true });
});

const files = () => [
  { name: '160.webp', data: randomBytes(1_000) },
  { name: '160.avif', data: randomBytes(70_000) },
];
const newHash = () => randomBytes(16).toString('hex');

describe.each(['a folder', 'S3'])('%s as a store of images', (name) => {
  const store = (): ImageStore => {
    const found = stores.get(name);
    if (!found) throw new Error(`no store is ${name}`);
    return found;
  };

  it('gives back what it was given, byte for byte', async () => {
    const [hash, given] = [newHash(), files()];
    await store().save(hash, given);
    for (const { name: file, data } of given) {
      const found = await store().find(hash, file);
      expect(found?.size).toBe(data.length);
      expect(found && (await buffer(found.stream()))).toEqual(data);
    }
    expect(await store().has(hash)).toBe(true);
  });

  it('has nothing of what it was never given', async () => {
    expect(await store().has(newHash())).toBe(false);
    expect(await store().find(newHash(), '160.webp')).toBeUndefined();
  });

  it('takes the same image from several at once', async () => {
    const [hash, given] = [newHash(), files()];
    await Promise.all(Array.from({ length: 5 }, () => store().save(hash, given)));
    const found = await store().find(hash, '160.webp');
    expect(found && (await buffer(found.stream()))).toEqual(given[0]?.data);
  });
});

describe('a folder that was interrupted', () => {
  it('has no half image, and nothing left over', async () => {
    const hash = newHash();
    const broken = [...files(), { name: '../../nowhere/x/320.webp', data: Buffer.from('x') }];
    await expect(createFolderStore(join(folder, 'local')).save(hash, broken)).rejects.toThrow(/ENOENT/);
    const names = await readdir(join(folder, 'local'));
    expect(names.filter((it) => it.startsWith(hash))).toEqual([]);
  });
});

describe('S3', () => {
  it('that was interrupted does not have the image', async () => {
    const hash = newHash();
    const [first] = files();
    const failing = {
      name: '320.webp',
      get data(): Buffer {
        throw new Error('interrupted');
      },
    };
    await expect(s3.save(hash, first ? [first, failing] : [])).rejects.toThrow('interrupted');
    expect(await s3.has(hash)).toBe(false);
  });

  it('that is away is a 503 with Retry-After', async () => {
    const away = createS3Store({ bucket: BUCKET, region: 'x', endpoint: 'http://127.0.0.1:1', credentials });
    const failure: unknown = await away.find(newHash(), '160.webp').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProblemError);
    expect(failure).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
    away.close();
  });

  it('is not chosen without the name of a bucket', () => {
    const config = { IMAGE_STORE: 's3' as const, IMAGE_DIR: '.', S3_REGION: 'x' };
    expect(() => createImageStore(config)).toThrow(/S3_BUCKET is missing/);
  });
});
