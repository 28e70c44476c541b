import { randomUUID } from 'node:crypto';
import { type ImportReport, ImportReportSchema } from '@doa-market/common/contracts';
import { until } from '@doa-market/common/testing';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Catalogue, openCatalogue } from './support/catalogue.ts';

let catalogue: Catalogue;
let admin: string;

beforeAll(async () => {
  catalogue = await openCatalogue();
  await catalogue.fixtures.category('living', 0);
  admin = await catalogue.authority.token('ADMIN');
});
afterAll(() => catalogue.close());

const newSeller = async () => {
  const id = randomUUID();
  return { id, token: await catalogue.authority.token('SELLER', id) };
};
const send = (token: string, body: string | Buffer, headers = {}): Promise<Answer> =>
  catalogue.call('POST', '/api/v1/imports', {
    token,
    body,
    headers: { 'content-type': 'text/csv', ...headers },
  });
const idOf = (answer: Answer): string => {
  expect(answer).toMatchObject({ status: 202, body: { status: 'RUNNING', processed: 0 } });
  return (answer.body as { id: string }).id;
};
const report = async (id: string, token: string): Promise<ImportReport> =>
  Value.Parse(ImportReportSchema, (await catalogue.call('GET', `/api/v1/imports/${id}`, { token })).body);
const finished = (id: string, token: string) =>
  until(
    async () => {
      const it = await report(id, token);
      return it.status === 'DONE' && it;
    },
    'the import',
    15_000,
  );
const imported = async (token: string, body: string | Buffer) =>
  finished(idOf(await send(token, body)), token);
const exported = async (token: string): Promise<string> => {
  const answer = await catalogue.call('GET', '/api/v1/products.csv', { token });
  expect(answer).toMatchObject({ status: 200 });
  return answer.text;
};

const HEADER = 'slug,name,brand,category,price,stock\n';
let count = 0;
const slugs = (length: number) => {
  count += 1;
  return Array.from({ length }, (_, at) => `import-${count}-${at}`);
};
const file = (names: readonly string[], price = 1_000) =>
  HEADER + names.map((slug) => `${slug},램프,도아,living,${price},5\n`).join('');

describe('an import', () => {
  it('makes products, changes them, and changes nothing when it comes again', async () => {
    const { id: sellerId, token } = await newSeller();
    const names = slugs(3);
    expect(await imported(token, file(names))).toMatchObject({
      total: 3,
      processed: 3,
      created: 3,
      errors: [],
    });
    await catalogue.events();
    expect(await imported(token, file(names))).toMatchObject({ unchanged: 3, updated: 0, created: 0 });
    expect(await catalogue.events()).toEqual([]);
    expect(await imported(token, file(names, 2_000))).toMatchObject({ updated: 3 });
    const rows = await catalogue.database.product.findMany({ where: { sellerId }, include: { skus: true } });
    expect(rows).toHaveLength(3);
    for (const row of rows)
      expect(row).toMatchObject({ price: 2_000, version: 2, status: 'DRAFT', skus: [{ onHand: 5 }] });
    expect(await catalogue.events()).toHaveLength(3);
  });

  it('takes what can be taken, and says of each other line what is wrong with it', async () => {
    const { token } = await newSeller();
    const stranger = await newSeller();
    const [theirs = ''] = slugs(1);
    await imported(stranger.token, file([theirs]));
    const [good = '', other = '', last = ''] = slugs(3);
    const body = [
      'slug,name,brand,category,price',
      `${good},램프,도아,living,1000`,
      `${theirs},가로채기,도아,living,1`,
      `${other},램프,도아,nowhere,1000`,
      `${other},램프,도아,living,만원`,
      'too,few',
      `"${other},램프`,
      `${other},,,,`,
      `${last},램프,도아,living,1000`,
    ].join('\n');
    const result = await imported(token, body);
    expect(result).toMatchObject({ total: 8, processed: 8, created: 2, failed: 6 });
    expect(result.errors).toEqual([
      { line: 3, slug: theirs, message: 'Another product has this slug.' },
      { line: 4, slug: other, message: 'category: must be a category' },
      { line: 5, slug: other, message: 'price: must be integer' },
      { line: 6, slug: null, message: 'line: has 2 cells for 5 columns' },
      { line: 7, slug: null, message: 'a quote is not closed' },
      { line: 8, slug: other, message: expect.stringContaining('name') },
    ]);
    expect(await catalogue.database.product.findFirst({ where: { slug: theirs } })).toMatchObject({
      name: '램프',
    });
    const rest = await catalogue.call('GET', `/api/v1/imports/${result.id}?afterLine=6`, { token });
    expect(rest.body).toMatchObject({ errors: [{ line: 7 }, { line: 8 }] });
  });

  it('is nobody else’s to look at, but an administrator’s', async () => {
    const { token } = await newSeller();
    const { id } = await imported(token, file(slugs(1)));
    const stranger = (await newSeller()).token;
    expect((await catalogue.call('GET', `/api/v1/imports/${id}`, { token: stranger })).status).toBe(404);
    expect((await report(id, admin)).created).toBe(1);
  });

  it('is one when it is sent twice at once under the same name', async () => {
    const { token } = await newSeller();
    const body = file(slugs(2));
    const headers = { 'x-idempotency-key': randomUUID() };
    const [one, other] = await Promise.all([send(token, body, headers), send(token, body, headers)]);
    expect(idOf(one)).toBe(idOf(other));
    expect(await send(token, file(slugs(1)), headers)).toMatchObject({
      status: 422,
      body: { code: 'IDEM_4220' },
    });
    await finished(idOf(one), token);
  });

  it('in EUC-KR is read as it was meant', async () => {
    const { token } = await newSeller();
    const [slug = ''] = slugs(1);
    const body = Buffer.concat([
      Buffer.from(`slug,name,brand,category,price\n${slug},`),
      Buffer.from('b7a5c7c1', 'hex'),
      Buffer.from(',doa,living,1000\n'),
    ]);
    expect(await imported(token, body)).toMatchObject({ created: 1 });
    expect(await catalogue.database.product.findFirst({ where: { slug } })).toMatchObject({ name: '램프' });
  });

  it.each<[string, string | Buffer, number]>([
    ['UTF-16', Buffer.from('\uFEFFslug\nx\n', 'utf16le'), 422],
    ['no lines', HEADER, 422],
    ['nothing', '', 422],
    ['columns that are none', 'slug,colour\nx,y\n', 422],
    ['more than 10 MB', Buffer.alloc(10 * 1_048_576 + 1, 'a'), 413],
  ])('is refused with %s', async (_name, body, status) => {
    const { token } = await newSeller();
    expect((await send(token, body)).status).toBe(status);
  });

  it('is refused as anything but CSV, and as a fourth of the same seller', async () => {
    const { id: ownerId, token } = await newSeller();
    expect((await send(token, '{}', { 'content-type': 'application/json' })).status).toBe(415);
    const leaseUntil = new Date(Date.now() + 3_600_000);
    const running = { ownerId, sellerId: ownerId, total: 1, leaseUntil, file: new Uint8Array([1]) };
    await catalogue.database.import.createMany({ data: [running, running, running] });
    expect((await send(token, file(slugs(1)))).status).toBe(409);
    await catalogue.database.import.deleteMany({ where: { ownerId } });
  });
});

describe('an export', () => {
  it('is CSV for Excel, and imported as it is it changes nothing', async () => {
    const { token } = await newSeller();
    const [slug = ''] = slugs(1);
    const body = {
      ...{
        slug,
        name: '=cmd|calc',
        brand: '@도아',
        description: '한 줄,\n"두" 줄',
        category: 'living',
        price: 1_000,
      },
      options: [{ name: '색상', values: ['숯', '-비'] }],
      skus: [{ values: ['숯'], onHand: 3 }],
    };
    expect((await catalogue.call('POST', '/api/v1/products', { token, body })).status).toBe(201);
    await catalogue.events();
    const text = await exported(token);
    expect(text.startsWith('\uFEFFslug,name,brand,')).toBe(true);
    expect(text).toContain("'=cmd|calc");
    expect(text).toContain("'@도아");
    expect(await imported(token, text)).toMatchObject({ total: 1, unchanged: 1, failed: 0 });
    expect(await catalogue.events()).toEqual([]);
  });

  it('has the products of its seller alone, and all of them for an administrator', async () => {
    const { id: sellerId, token } = await newSeller();
    const { categoryId } = await catalogue.database.product.findFirstOrThrow();
    const many = slugs(450);
    await catalogue.database.product.createMany({
      data: many.map((slug) => ({
        ...{ slug, name: '램프', brand: '도아', description: '', categoryId, sellerId },
        ...{ price: 1, listPrice: 1, discountRate: 0 },
      })),
    });
    const own = await exported(token);
    expect(
      own
        .split('\r\n')
        .slice(1, -1)
        .map((line) => line.split(',')[0]),
    ).toEqual(many);
    expect((await exported(admin)).split('\r\n').length).toBeGreaterThan(452);
  });
});
