import { createHash } from 'node:crypto';
import { CART_LIMITS, type CartPurchase } from '@doa-market/common/contracts';
import { unavailable } from '@doa-market/common/errors';
import type { Redis } from '@doa-market/common/redis';
import type { NamedWrite } from '@doa-market/common/server';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import {
  ADD,
  APPLY,
  CLEAR,
  DROP,
  FORGET,
  INTEND,
  READ,
  RELINQUISH,
  REMOVE,
  SET,
  TAKE,
  TAKE_OUT,
} from './scripts.ts';

/** Seconds: how long nobody may look at a cart before it is forgotten. */
const DAY = 86_400;
const IDLE = { guest: 30 * DAY, member: 180 * DAY };
/** Seconds that a request with a key is remembered. */
const REQUEST_MEMORY = DAY;
/** A merge that was applied must be known for longer than what it was taken from can still be found. */
const TAKEN_MEMORY = 30 * DAY;
const MERGED_MEMORY = 31 * DAY;
/** Seconds for which an order may say again what it has bought. */
const ORDER_MEMORY = 31 * DAY;

/** Whose cart it is: a guest's is forgotten sooner. */
export interface Owner {
  id: string;
  guest: boolean;
}

export interface StoredLine {
  skuId: string;
  quantity: number;
  /** Microseconds since 1970, so that no two lines of a cart are of one moment. */
  added: number;
}

export interface StoredCart {
  version: string;
  /** The latest first. */
  lines: StoredLine[];
}

/** Lines that were taken from a guest for `member`, and are not yet put away. */
export interface TakenCart extends StoredCart {
  member: string;
}

/** Under which condition a change is made, and whether it is made once however often it is asked for. */
export interface Change {
  /** The versions that If-Match names; undefined where any will do. */
  expected?: readonly string[] | undefined;
  write?: NamedWrite | undefined;
}

const OutcomeSchema = Type.Enum(['OK', 'STALE', 'FULL', 'LIMIT', 'ABSENT', 'REUSED']);
export type Outcome = Static<typeof OutcomeSchema>;

const FieldsSchema = Type.Array(Type.String());
const reading = Compile(Type.Tuple([FieldsSchema, FieldsSchema]));
const change = Compile(Type.Tuple([OutcomeSchema, FieldsSchema]));
const fields = Compile(FieldsSchema);

/** Carts in Redis. @throws {ProblemError} 503 from every verb while Redis is away. */
export function createCartStore(redis: Redis) {
  const run = async <T>(
    parser: { Parse: (value: unknown) => T },
    script: string,
    keys: string[],
    ...args: (string | number)[]
  ): Promise<T> => {
    const reply = await redis.eval(script, keys.length, ...keys, ...args).catch((error: unknown) => {
      throw unavailable(error);
    });
    return parser.Parse(reply);
  };

  const changed = async (script: string, keys: string[], ...args: (string | number)[]) => {
    const [outcome, hash] = await run(change, script, keys, ...args);
    return { outcome, cart: toCart(hash) };
  };

  return {
    /** The cart, and the guests whose carts are being merged into it. */
    async read(owner: Owner): Promise<{ cart: StoredCart; merges: string[] }> {
      const [hash, merges] = await run(reading, READ, [cartOf(owner.id), mergesOf(owner.id)], idleOf(owner));
      return { cart: toCart(hash), merges };
    },
    add: (owner: Owner, skuId: string, quantity: number, limit: number, { expected, write }: Change) =>
      changed(
        ADD,
        [cartOf(owner.id), requestOf(owner.id, write?.key)],
        ...[versions(expected), idleOf(owner), skuId, quantity, limit, CART_LIMITS.lines],
        ...[write?.fingerprint ?? '', REQUEST_MEMORY],
      ),
    set: (owner: Owner, skuId: string, quantity: number, limit: number, { expected }: Change) =>
      changed(SET, [cartOf(owner.id)], versions(expected), idleOf(owner), skuId, quantity, limit),
    remove: (owner: Owner, skuId: string, { expected }: Change) =>
      changed(REMOVE, [cartOf(owner.id)], versions(expected), idleOf(owner), skuId),
    /** Takes out what a member has bought; a second time for the same order changes nothing. */
    takeOut: (member: string, { orderId, items }: CartPurchase) =>
      changed(
        TAKE_OUT,
        [cartOf(member), `${cartOf(member)}:bought:${orderId}`],
        ...[IDLE.member, ORDER_MEMORY],
        ...items.flatMap(({ skuId, quantity }) => [skuId, quantity]),
      ),
    clear: (owner: Owner, { expected }: Change) => changed(CLEAR, [cartOf(owner.id)], versions(expected)),

    /** Forgets the carts of members who are gone. */
    forget: (members: readonly string[]) =>
      Promise.all(members.map((id) => run(fields, FORGET, [cartOf(id), mergesOf(id)]))),

    /** Notes with the member that a guest's cart is about to be taken. */
    intend: (member: string, guest: string) => run(fields, INTEND, [mergesOf(member)], guest, TAKEN_MEMORY),
    relinquish: (member: string, guest: string) => run(fields, RELINQUISH, [mergesOf(member)], guest),
    /** Takes the guest's cart for `member`; without one, finds what was taken earlier. Null when there is neither. */
    async take(guest: string, member = ''): Promise<TakenCart | null> {
      const keys = [cartOf(guest), takenOf(guest)];
      const hash = await run(fields, TAKE, keys, member, TAKEN_MEMORY);
      return hash.length === 0 ? null : toTaken(hash);
    },
    /** Adds what was taken to the member's cart; a second time changes nothing. */
    apply: (guest: string, taken: TakenCart, limitOf: (skuId: string) => number) =>
      changed(
        APPLY,
        [
          cartOf(taken.member),
          mergesOf(taken.member),
          `${cartOf(taken.member)}:merged:${guest}:${taken.version}`,
        ],
        ...[IDLE.member, CART_LIMITS.lines, guest, MERGED_MEMORY],
        ...taken.lines.flatMap((it) => [it.skuId, it.quantity, limitOf(it.skuId), it.added]),
      ),
    /** Forgets what was taken, unless it is something else by now. */
    drop: (guest: string, taken: TakenCart) => run(fields, DROP, [takenOf(guest)], taken.version),
  };
}
export type CartStore = ReturnType<typeof createCartStore>;

const cartOf = (owner: string) => `cart:{${owner}}`;
const mergesOf = (member: string) => `cart:{${member}}:merges`;
const takenOf = (guest: string) => `cart:{${guest}}:taken`;
const requestOf = (owner: string, key = '') =>
  `cart:{${owner}}:request:${createHash('sha256').update(key).digest('base64url')}`;

const idleOf = ({ guest }: Owner): number => (guest ? IDLE.guest : IDLE.member);
const versions = (expected: readonly string[] | undefined): string =>
  expected === undefined ? '' : `,${expected.join(',')},`;

/** What HGETALL answers is names and values in turn. */
function toCart(hash: readonly string[]): StoredCart {
  const cart: StoredCart = { version: '0', lines: [] };
  for (let at = 0; at < hash.length; at += 2) {
    const [name = '', value = ''] = [hash[at], hash[at + 1]];
    const [quantity, added] = value.split(':').map(Number);
    if (name === 'version') cart.version = value;
    else if (quantity !== undefined && added !== undefined) cart.lines.push({ skuId: name, quantity, added });
  }
  cart.lines.sort((a, b) => b.added - a.added);
  return cart;
}

function toTaken(hash: readonly string[]): TakenCart {
  return { ...toCart(hash), member: hash[hash.indexOf('member') + 1] ?? '' };
}
