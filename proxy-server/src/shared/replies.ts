import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { checksumOf } from './payload.ts';
import type { SharedHit } from './shared-level.ts';

export interface PurgeRecord {
  /** The number of the purge before this one. */
  readonly previous: number;
  readonly number: number;
  readonly tags: readonly string[];
}

const Tags = Type.Array(Type.String());
const tags = Compile(Tags);
const PurgedSchema = Type.Object({
  kind: Type.Literal('purged'),
  previous: Type.Integer(),
  number: Type.Integer(),
  tags: Tags,
});
const EndedRenderSchema = Type.Object({
  kind: Type.Enum(['stored', 'released']),
  key: Type.String(),
  /** Of what was stored, or would have been. */
  version: Type.String(),
});
export type EndedRender = Static<typeof EndedRenderSchema>;
const message = Compile(Type.Union([PurgedSchema, EndedRenderSchema]));

/** @throws where the reply is no list of strings */
export function textsIn(reply: unknown): string[] {
  if (!Array.isArray(reply) || !reply.every(Buffer.isBuffer)) throw new Error('not the reply of this script');
  return reply.map(String);
}

/** @throws where the text is no whole number */
export function numberIn(text: string | undefined): number {
  const number = Number(text);
  if (!text || !Number.isSafeInteger(number)) throw new Error(`not a number: ${text}`);
  return number;
}

/** An entry as a script hands it over; undefined where there is none, or it is not what was stored. */
export function hitIn(reply: unknown): SharedHit | undefined {
  if (!Array.isArray(reply)) return undefined;
  const [payload, version, sum]: unknown[] = reply;
  if (!Buffer.isBuffer(payload) || !Buffer.isBuffer(version) || !Buffer.isBuffer(sum)) return undefined;
  if (checksumOf(payload) !== sum.toString()) return undefined;
  return { payload, version: version.toString() };
}

/** What a process tells the others; undefined where it makes no sense. */
export function messageIn(text: string) {
  const value = parsed(text);
  return message.Check(value) ? value : undefined;
}

/** The records of the log that come after the one of `known`, which must be the first. */
export function purgesIn(
  records: readonly (readonly [id: string, fields: readonly string[]])[],
  known: number,
): PurgeRecord[] | undefined {
  const purges: PurgeRecord[] = [];
  let previous = known;
  for (const [id, [, text = '']] of records) {
    const number = Number.parseInt(id, 10);
    const shown = parsed(text);
    if (!tags.Check(shown)) return undefined;
    purges.push({ previous, number, tags: shown });
    previous = number;
  }
  return purges[0]?.number === known ? purges.slice(1) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
