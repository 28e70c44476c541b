import { describe, expect, it } from 'vitest';
import { fromCell, fromList, fromOptions, toCell, toList, toOptions } from '../src/csv/cells.ts';
import { changesOf, headerLine, newProductOf, readHeader, readLine, toLine } from '../src/csv/columns.ts';
import { type CsvRecord, recordsOf } from '../src/csv/records.ts';
import { textOf } from '../src/csv/text.ts';
import { changedAspects } from '../src/product/aspects.ts';
import { merge } from '../src/product/merge.ts';
import type { ProductState } from '../src/product/state.ts';

async function read(text: string): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  for await (const record of recordsOf(text)) records.push(record);
  return records;
}

describe('the records of a file', () => {
  it('have quotes, line ends in cells, and lines between them that are empty', async () => {
    expect(await read('a,b\r\n"1","x\ny ""z"""\r\n\r\n3,"4"')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['1', 'x\ny "z"'] },
      { line: 5, cells: ['3', '4'] },
    ]);
  });

  it.each([
    ['a quote that is never closed', 'x,"open'],
    ['a quote in the middle of a cell', 'x,"closed"too soon'],
    ['a quote that is opened too late', 'x,late"'],
  ])('are all there but for line 5,000 with %s', async (_name, broken) => {
    const lines = Array.from({ length: 6_000 }, (_, at) => `product-${at + 1},"said ""so"""`);
    lines[4_999] = broken;
    const records = await read(lines.join('\n'));
    expect(records).toHaveLength(6_000);
    expect(records.filter((it) => 'problem' in it)).toEqual([{ line: 5_000, problem: expect.any(String) }]);
    expect(records[5_000]).toEqual({ line: 5_001, cells: ['product-5001', 'said "so"'] });
  });

  it('are not kept waiting by a quote that is open for megabytes', async () => {
    const text = `"${'x'.repeat(100)}\n`.repeat(20_000);
    const started = performance.now();
    await read(text);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('a file', () => {
  it.each([
    ['UTF-8', Buffer.from('한글 뷁')],
    ['UTF-8 with the mark of Excel', Buffer.from('\uFEFF한글 뷁')],
    ['EUC-KR with the extension of Windows', Buffer.from('c7d1b1db2094ee', 'hex')],
  ])('in %s is read', (_name, file) => {
    expect(textOf(file)).toBe('한글 뷁');
  });

  it.each([
    ['UTF-16', Buffer.from('\uFEFFname', 'utf16le'), /UTF-16/],
    ['a picture', Buffer.from('89504e470d0a1a0aff00fe', 'hex'), /UTF-8|text/],
    ['zeros', Buffer.alloc(10), /text/],
  ])('that is %s is refused with a word', (_name, file, word) => {
    expect(() => textOf(file)).toThrow(
      expect.objectContaining({
        status: 422,
        errors: [{ field: 'body', message: expect.stringMatching(word) }],
      }),
    );
  });
});

describe('a cell', () => {
  it.each(['=1+1', '+82', '-5', '@SUM(A1)', "'=1", '\t=1'])(
    'of %j is no formula, and read as it was',
    (value) => {
      const cell = toCell(value);
      expect(cell.replace(/^"/, '')).toMatch(/^'/);
      expect(fromCell(cell.replace(/^"|"$/g, ''))).toBe(value.trim());
    },
  );

  it.each(["'quoted'", 'plain', '“a”, b', 'a\nb'])('of %j is left alone', (value) => {
    expect(fromCell(toCell(value).replace(/^"|"$/g, ''))).toBe(value);
  });

  it('holds lists and options with whatever is in them', () => {
    const values = ['a|b', 'c;d', 'e=f', 'g\\h', '\\'];
    expect(fromList(toList(values))).toEqual(values);
    const options = [
      { name: '색=상', values },
      { name: '크기', values: ['소', '대'] },
    ];
    expect(fromOptions(toOptions(options))).toEqual(options);
  });
});

describe('a line', () => {
  const product: ProductState = {
    ...{ slug: 'lamp', name: '=램프, "큰"', brand: '도아', description: '한 줄\n두 줄', category: 'living' },
    ...{ price: 30_000, listPrice: 40_000, status: 'ACTIVE' },
    pictures: [{ hash: 'ab'.repeat(16), alt: '램프|둘' }],
    options: [{ name: '색상', values: ['숯', '비'] }],
    skus: [
      { id: 'a', code: 'A', values: ['숯'], price: 30_000, onHand: 3, held: 1 },
      { id: 'b', code: 'B', values: ['비'], price: 33_000, onHand: 0, held: 0 },
    ],
  };
  const roundTrip = async (text: string) => {
    const [header, record] = await read(headerLine() + text);
    if (!header || 'problem' in header || !record || 'problem' in record) throw new Error('no record');
    return readLine(readHeader(header.cells), record.cells);
  };

  it('that was exported changes nothing when it is imported', async () => {
    const line = await roundTrip(toLine(product));
    expect(changedAspects(product, merge(product, changesOf(line, product)))).toEqual([]);
  });

  it('that was exported makes the same product where there is none', async () => {
    const made = newProductOf(await roundTrip(toLine(product)));
    expect(made).toMatchObject({
      slug: 'lamp',
      name: '=램프, "큰"',
      description: '한 줄\n두 줄',
      listPrice: 40_000,
    });
    expect(made.skus).toEqual([
      { values: ['숯'], code: 'A', price: 30_000, onHand: 3 },
      { values: ['비'], code: 'B', price: 33_000, onHand: 0 },
    ]);
  });

  const refusals: [string, object, string][] = [
    ['a price in words', { price: '만원' }, 'price'],
    ['a price with a comma', { price: '30,000' }, 'price'],
    ['a stock for one of two', { stock: '3' }, 'stock'],
    ['an option without values', { options: '색상' }, 'options.0.values'],
    ['a status that is none', { status: 'SOLD' }, 'status'],
  ];
  it.each(refusals)('is refused with %s', (_name, cells, field) => {
    expect(() => changesOf({ slug: 'lamp', ...cells }, product)).toThrow(
      expect.objectContaining({ status: 422, errors: [expect.objectContaining({ field })] }),
    );
  });

  it.each([
    ['no slug', ['name']],
    ['a column that nobody knows', ['slug', 'colour']],
    ['a column twice', ['slug', 'name', 'name']],
  ])('has no header with %s', (_name, cells) => {
    expect(() => readHeader(cells)).toThrow(expect.objectContaining({ status: 422 }));
  });
});
