import { setTimeout as delay } from 'node:timers/promises';
import { type QueuePlace, QueuePlaceSchema } from '@doa-market/common/contracts';
import type { Chance } from '@doa-market/common/testing';
import { Compile } from 'typebox/compile';
import type { Place } from '../crash/waiting.ts';
import type { LeanReply } from '../lean-client.ts';

/** What members are like: of a hundred, how many. The rest waits with one page open. */
const KINDS = { ghost: 30, refresher: 20, tabs: 10, bot: 5 } as const;
type Kind = keyof typeof KINDS | 'patient';

const TABS = 3;
/** How often a refresher enters again instead of polling. */
const REFRESHES = 0.3;
/** The part of the time it was told that a bot waits. */
const HASTE = 0.3;
/** Milliseconds between an answer and what follows from it. */
const REACTION = 50;
/** Milliseconds after which something that went wrong is tried again. */
const RETRY = 1_000;

export interface Visit {
  ask: (verb: 'enter' | 'status', tab: number) => Promise<LeanReply>;
  /** What was answered, to whomever. */
  seen: (status: number) => void;
  /** Whoever waits is told something of its place. */
  told: (place: QueuePlace) => void;
  /** Whether there is any use in waiting on. */
  isOver: () => boolean;
}

const placeValidator = Compile(QueuePlaceSchema);

export function kindOf(chance: Chance): Kind {
  let mind = chance.below(100);
  for (const [kind, share] of Object.entries(KINDS)) {
    if (mind < share) return kind as keyof typeof KINDS;
    mind -= share;
  }
  return 'patient';
}

/**
 * One member in a waiting room, as its kind is.
 * @param place what it was told, to be compared
 * @returns the token that may reserve; undefined for who goes away without one
 */
export async function visit(kind: Kind, chance: Chance, { place, ...does }: Visit & { place: Place }) {
  let token: string | undefined;

  /** @returns milliseconds until it makes sense to come again; undefined for never */
  function take({ status, text }: LeanReply): number | undefined {
    does.seen(status);
    if (status === 200) {
      const answer = placeValidator.Parse(JSON.parse(text.slice(text.indexOf('\r\n\r\n'))));
      place.receipts.add(answer.receipt);
      if (answer.number !== null) place.numbers.add(answer.number);
      if (answer.admission) {
        place.tokens.add(answer.admission.token);
        token ??= answer.admission.token;
      }
      does.told(answer);
      return answer.nextPollIn;
    }
    if (status === 404 || status === 409 || status === 410) return undefined;
    return Number(/\r\nretry-after: *(\d+)/i.exec(text)?.[1] ?? 0) * 1_000 || RETRY;
  }

  async function sit(tab: number, first: number): Promise<void> {
    let pause: number | undefined = first;
    while (pause !== undefined) {
      await delay(REACTION + pause * (kind === 'bot' ? HASTE : 1));
      if (token !== undefined || does.isOver()) return;
      const again = kind === 'refresher' && chance.next() < REFRESHES;
      pause = take(await does.ask(again ? 'enter' : 'status', tab));
    }
  }

  let first = take(await does.ask('enter', 0));
  while (first !== undefined && place.receipts.size === 0 && !does.isOver()) {
    await delay(first);
    first = take(await does.ask('enter', 0));
  }
  if (first === undefined || kind === 'ghost') return undefined;
  const pause = first;
  await Promise.all(Array.from({ length: kind === 'tabs' ? TABS : 1 }, (_, tab) => sit(tab, pause)));
  return token;
}
