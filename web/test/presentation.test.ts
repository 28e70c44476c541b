import { describe, expect, it } from 'vitest';
import { formatCount, formatWon } from '../src/components/money';
import { serializeJsonLd } from '../src/components/serialize-json-ld';
import { fallbackFile, srcset } from '../src/components/srcset';

const files = { base: '/api/v1/images/ab', widths: [160, 320, 640, 960] };

describe('money', () => {
  it('is whole won with groups of three', () => {
    expect(formatWon(129_000)).toBe('129,000원');
    expect(formatWon(0)).toBe('0원');
    expect(formatCount(1_284)).toBe('1,284');
  });
});

describe('a srcset', () => {
  it('lists every width of one format', () => {
    expect(srcset({ ...files, widths: [160, 320] }, 'avif')).toBe(
      '/api/v1/images/ab/160.avif 160w, /api/v1/images/ab/320.avif 320w',
    );
  });

  it('stops at the widest that is of use', () => {
    expect(srcset(files, 'webp', 320)).not.toContain('640');
  });

  it('has a middle-sized file for those who know no srcset', () => {
    expect(fallbackFile(files)).toBe('/api/v1/images/ab/640.webp');
    expect(fallbackFile(files, 320)).toBe('/api/v1/images/ab/320.webp');
    expect(fallbackFile({ ...files, widths: [160] })).toBe('/api/v1/images/ab/160.webp');
  });
});

describe('structured data', () => {
  it('cannot end the script that it is in', () => {
    const html = serializeJsonLd({ name: '</script><script>alert(1)</script>' });
    expect(html).not.toContain('<');
    expect(JSON.parse(html)).toMatchObject({ name: '</script><script>alert(1)</script>' });
  });
});
