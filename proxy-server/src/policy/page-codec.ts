import { bodyValidation } from '@doa-market/common/validation';
import { type Static, Type } from 'typebox';
import type { Representation, StoredResponse } from '../cache/stored-response.ts';

const Seconds = Type.Number({ minimum: 0 });
const Body = Type.Object({
  encoding: Type.Union([Type.Literal('identity'), Type.Literal('gzip'), Type.Literal('br')]),
  bytes: Type.Integer({ minimum: 0 }),
  etag: Type.Union([Type.String(), Type.Null()]),
});
/** What precedes the bodies. Times are milliseconds since the epoch: the clocks of the proxies have to agree. */
const HeadSchema = Type.Object({
  format: Type.Literal(1),
  key: Type.String(),
  tags: Type.Array(Type.String()),
  status: Type.Integer({ minimum: 200, maximum: 599 }),
  headers: Type.Array(Type.Tuple([Type.String(), Type.String()])),
  lifetime: Type.Object({
    fresh: Seconds,
    staleWhileRevalidate: Seconds,
    staleIfError: Seconds,
    staleIfUnreachable: Type.Boolean(),
    staleOnDemand: Type.Boolean(),
  }),
  bornAt: Type.Number(),
  storedAt: Type.Number(),
  bodies: Type.Array(Body, { minItems: 1, maxItems: 3 }),
});
type Head = Static<typeof HeadSchema>;

const isHead = bodyValidation.compile<Head>(HeadSchema);
const LENGTH_BYTES = 4;

/** A stored page as bytes: the length of its head, the head as JSON, the bodies one after another. */
export function encodePage(stored: StoredResponse): Uint8Array {
  const { key, tags, status, headers, lifetime, bornAt, storedAt } = stored;
  const representations = Object.values(stored.representations);
  const bodies = representations.map(({ encoding, body, etag }) => ({
    encoding,
    bytes: body.byteLength,
    etag,
  }));
  const head: Head = {
    format: 1,
    key,
    tags: [...tags],
    status,
    headers: [...headers],
    lifetime,
    bornAt,
    storedAt,
    bodies,
  };
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.byteLength);
  return Buffer.concat([length, text, ...representations.map(({ body }) => body)]);
}

/** The page that `payload` is; undefined where it is of another key or format, or no page at all. */
export function decodePage(payload: Uint8Array, key: string): StoredResponse | undefined {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const head = headIn(bytes);
  if (!head || head.key !== key) return undefined;
  const { bodies, headers, format: _, ...rest } = head;
  let at = LENGTH_BYTES + bytes.readUInt32BE();
  const found: Partial<Record<Representation['encoding'], Representation>> = {};
  for (const { encoding, bytes: size, etag } of bodies) {
    found[encoding] = { encoding, etag, body: bytes.subarray(at, at + size) };
    at += size;
  }
  const { identity } = found;
  if (at !== bytes.byteLength || !identity) return undefined;
  return {
    ...rest,
    headers: new Headers(headers),
    varyNames: [],
    variant: '',
    representations: { ...found, identity },
    renewAfter: 0,
  };
}

function headIn(bytes: Buffer): Head | undefined {
  if (bytes.byteLength < LENGTH_BYTES) return undefined;
  const end = LENGTH_BYTES + bytes.readUInt32BE();
  try {
    const head: unknown = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, end));
    return isHead(head) ? head : undefined;
  } catch {
    return undefined;
  }
}
