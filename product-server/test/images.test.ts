import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { UploadedImage } from '@doa-market/common/contracts';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Catalogue, openCatalogue } from './support/catalogue.ts';
import { bombPng, picture } from './support/pictures.ts';

let catalogue: Catalogue;
let seller: string;

beforeAll(async () => {
  catalogue = await openCatalogue();
  seller = await catalogue.authority.token('SELLER');
});
afterAll(() => catalogue.close());

const send = (body: Buffer | string, type: string): Promise<Answer> =>
  catalogue.call('POST', '/api/v1/images', { token: seller, body, headers: { 'content-type': type } });
const sent = async (body: Buffer, type: string): Promise<UploadedImage> => {
  const answer = await send(body, type);
  expect(answer).toMatchObject({ status: 201 });
  return answer.body as UploadedImage;
};
const fileOf = async (url: string) => (await catalogue.app.inject(url)).rawPayload;

describe('a picture that is sent in', () => {
  it('is there in every width that it has, in AVIF and WebP', async () => {
    const image = await sent(await picture(700, 350).png().toBuffer(), 'image/png');
    expect(image).toMatchObject({ width: 700, height: 350, color: expect.stringMatching(/^#[0-9a-f]{6}$/) });
    const files = await readdir(`${catalogue.images}/${image.url.slice(-32)}`);
    expect(files.sort()).toEqual(
      ['160.avif', '160.webp', '320.avif', '320.webp', '640.avif', '640.webp'].sort(),
    );
    const { format, width, height } = await sharp(await fileOf(`${image.url}/320.webp`)).metadata();
    expect({ format, width, height }).toEqual({ format: 'webp', width: 320, height: 160 });
    expect((await sharp(await fileOf(`${image.url}/640.avif`)).metadata()).format).toBe('heif');
  });

  it.each(['jpeg', 'webp', 'avif', 'gif'] as const)('may be %s', async (format) => {
    const image = await sent(await picture().toFormat(format).toBuffer(), `image/${format}`);
    expect(image).toMatchObject({ width: 400, height: 300 });
  });

  it('is the same one when it is sent again, by whomever', async () => {
    const body = await picture().png().toBuffer();
    const first = await sent(body, 'image/png');
    expect(await sent(body, 'image/png')).toEqual(first);
  });

  it('can be shown with a product', async () => {
    const { url } = await sent(await picture().png().toBuffer(), 'image/png');
    await catalogue.fixtures.category('living', 0);
    const product = await catalogue.call('POST', '/api/v1/products', {
      token: seller,
      body: {
        ...{ slug: 'shown', name: '램프', brand: '도아', description: '', category: 'living', price: 1_000 },
        ...{ status: 'ACTIVE', images: [{ url, alt: '램프' }] },
      },
    });
    expect(product).toMatchObject({ status: 201, body: { images: [{ url, width: 400 }] } });
  });

  it('stands as its EXIF says, and tells nothing more of where it was taken', async () => {
    const body = await picture(300, 600)
      .jpeg()
      .withExif({ IFD0: { Artist: 'secret-artist' }, IFD3: { GPSLatitude: '37/1 30/1 0/1' } })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const image = await sent(body, 'image/jpeg');
    expect(image).toMatchObject({ width: 600, height: 300 });
    for (const file of ['320.webp', '320.avif']) {
      const bytes = await fileOf(`${image.url}/${file}`);
      const { width, height, exif, orientation, icc, xmp } = await sharp(bytes).metadata();
      expect([width, height, exif, orientation, icc, xmp]).toEqual([320, 160, ...Array(4).fill(undefined)]);
      expect(bytes.includes('secret-artist')).toBe(false);
    }
  });

  it('is the first frame of a moving one', async () => {
    const frames = await Promise.all(
      [picture(200, 200), picture(200, 200).negate()].map((it) => it.png().toBuffer()),
    );
    const body = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(body).metadata()).pages).toBe(2);
    const image = await sent(body, 'image/gif');
    expect((await sharp(await fileOf(`${image.url}/160.webp`)).metadata()).pages).toBeUndefined();
  });
});

describe('what is refused', () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><script>alert(1)</script></svg>';
  const cases: [string, () => Promise<Buffer | string>, string, number][] = [
    ['an SVG that is called a PNG', async () => svg, 'image/png', 415],
    ['an SVG', async () => svg, 'image/svg+xml', 415],
    ['a page', async () => '<html>', 'text/html', 415],
    ['JSON', async () => '{}', 'application/json', 415],
    ['a JPEG that is called a PNG', () => picture().jpeg().toBuffer(), 'image/png', 415],
    ['nothing', async () => Buffer.alloc(0), 'image/png', 415],
    ['a name without a picture', async () => Buffer.from('89504e470d0a1a0a', 'hex'), 'image/png', 422],
    ['half a JPEG', async () => half(await picture(800, 800).jpeg().toBuffer()), 'image/jpeg', 422],
    ['half a PNG', async () => half(await noise(400)), 'image/png', 422],
    ['a picture that is too small', () => picture(159, 400).png().toBuffer(), 'image/png', 422],
    ['a picture that is too long', () => picture(160, 16_384).png().toBuffer(), 'image/png', 422],
    ['256 million pixels in some kilobytes', async () => bombPng(16_000), 'image/png', 422],
  ];
  it.each(cases)('is %s', async (_name, make, type, status) => {
    const body = await make();
    const before = await catalogue.database.image.count();
    const started = performance.now();
    expect(await send(body, type)).toMatchObject({ status });
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(await catalogue.database.image.count()).toBe(before);
  });

  it('leaves no file behind', async () => {
    const folders = await readdir(catalogue.images);
    const known = (await catalogue.database.image.findMany()).map(({ hash }) => hash);
    expect(folders.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('is more than 10 MB, before it is looked at', async () => {
    const body = Buffer.concat([await picture().png().toBuffer(), Buffer.alloc(10 * 1_048_576)]);
    expect(await send(body, 'image/png')).toMatchObject({ status: 413, body: { code: 'REQ_4130' } });
  });

  it('is what comes on top of two that are rendered, with a word when to come again', async () => {
    const bodies = await Promise.all(Array.from({ length: 6 }, () => noise(900)));
    const answers = await Promise.all(bodies.map((body) => send(body, 'image/png')));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses.slice(0, 2)).toEqual([201, 201]);
    expect(statuses.at(-1)).toBe(503);
    const refused = answers.find(({ status }) => status === 503);
    expect(refused?.headers['retry-after']).toBe('2');
    expect((await send(bodies[0] ?? Buffer.alloc(0), 'image/png')).status).toBe(201);
  });
});

const half = (body: Buffer) => body.subarray(0, body.length / 2);

/** What cannot be packed small: its half ends in the middle of the pixels. */
async function noise(side: number): Promise<Buffer> {
  const data = randomBytes(side * side * 3);
  return sharp(data, { raw: { width: side, height: side, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}
