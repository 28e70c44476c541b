import { setTimeout as delay } from 'node:timers/promises';
import { OrderSchema, PaymentSessionSchema, ReservationSchema } from '@doa-market/common/contracts';
import type { Chance } from '@doa-market/common/testing';
import { type Client, parsed } from '../crash/client.ts';
import { type Memory, remember } from '../crash/memory.ts';
import type { Sandbox } from '../crash/sandbox.ts';
import type { SeatMap } from './seat-map.ts';

/** Milliseconds that a buyer looks at the seats, at least and at most. */
const LOOKS = { least: 300, most: 2_000 };
/** How often seats are tried that somebody else may have just taken. */
const ATTEMPTS = 12;
/** Who takes seats and is not heard of again, and whose card is refused the first time. */
const LEAVES = 0.03;
const DECLINED = 0.05;
const ASK_EVERY = 250;
const ASKS = 80;

interface Purchase {
  client: Client;
  sandbox: Sandbox;
  seats: SeatMap;
  chance: Chance;
  eventId: string;
  queueToken: string;
}

interface Held {
  id: string;
  amount: number;
  permit: string | undefined;
}

/** What follows a turn: seats that look free, one or two, and the payment for them. */
export async function purchase(memory: Memory, { client, sandbox, seats, chance, ...turn }: Purchase) {
  const look = () => delay(LOOKS.least + chance.next() * (LOOKS.most - LOOKS.least));

  async function reserve(): Promise<Held | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      await look();
      const seatIds = seats.choose(1 + chance.below(2), chance);
      if (seatIds.length === 0) return refused('nothing left');
      const body = { eventId: turn.eventId, seatIds };
      const { queueToken } = turn;
      const answer = await client.insist({ method: 'POST', path: '/api/reservations', body, queueToken });
      if (answer.status === 201) {
        const { order, permit } = parsed(ReservationSchema, answer);
        remember(memory, order);
        return { id: order.id, amount: order.amount, permit: permit?.token };
      }
      if (answer.status !== 409) return refused(`${answer.status} ${answer.code}`);
      seats.conflict();
    }
    return refused('no luck');
  }

  function refused(outcome: string): undefined {
    memory.outcome = outcome;
  }

  async function pay({ id, amount, permit }: Held, card: 'approve' | 'decline'): Promise<void> {
    const body = { orderId: id, amount };
    const begun = await client.insist({ method: 'POST', path: '/api/payments', body, queueToken: permit });
    if (begun.status !== 201) return refused(`payment ${begun.status} ${begun.code}`);
    const { payment } = parsed(PaymentSessionSchema, begun);
    await sandbox.pay(payment.id, card);
    await client.insist({ method: 'POST', path: `/api/payments/${payment.id}/complete` });
    for (let asked = 0; asked < ASKS; asked += 1) {
      const answer = await client.insist({ method: 'GET', path: `/api/orders/${id}` });
      const order = remember(memory, parsed(OrderSchema, answer));
      memory.outcome = order.status;
      if (order.status !== 'PENDING' || order.payment?.status === 'FAILED') return;
      await delay(ASK_EVERY);
    }
  }

  const held = await reserve();
  if (!held) return;
  await look();
  if (chance.next() < LEAVES) return refused('left');
  if (chance.next() < DECLINED) await pay(held, 'decline');
  if (memory.outcome !== 'CONFIRMED') await pay(held, 'approve');
}
