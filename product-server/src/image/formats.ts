/** The formats that are taken, each with what its files begin with. */

const startsWith = (bytes: string) => (body: Buffer) =>
  body.subarray(0, bytes.length / 2).equals(Buffer.from(bytes, 'hex'));
const ascii = (body: Buffer, from: number, to: number) => body.toString('latin1', from, to);

const MAGIC = {
  'image/jpeg': startsWith('ffd8ff'),
  'image/png': startsWith('89504e470d0a1a0a'),
  'image/gif': startsWith('47494638'),
  'image/webp': (body: Buffer) => ascii(body, 0, 4) === 'RIFF' && ascii(body, 8, 12) === 'WEBP',
  // ISO 14496-12: a file type box, whose major brand says that a picture or a sequence of them follows.
  'image/avif': (body: Buffer) => /^ftyp(avif|avis)$/.test(ascii(body, 4, 12)),
} satisfies Record<string, (body: Buffer) => boolean>;

type UploadFormat = keyof typeof MAGIC;
export const UPLOAD_FORMATS = Object.keys(MAGIC);

const isFormat = (type: string): type is UploadFormat => Object.hasOwn(MAGIC, type);

/** Whether a body is what its Content-Type says, by its first bytes. */
export function isDeclared(body: Buffer, contentType: string): boolean {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return isFormat(type) && MAGIC[type](body);
}
