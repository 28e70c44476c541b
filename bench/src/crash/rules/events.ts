import type { OrderEvent } from '@doa-market/common/contracts';
import type { OrderRow, Rule, World } from '../world.ts';
import { repeated } from './orders.ts';

/** What an order may have said last, by what it is. Money that came for it twice goes back without changing it. */
const LAST: Record<OrderRow['status'], readonly OrderEvent['eventType'][]> = {
  HELD: ['order.held'],
  PAYING: ['order.paying', 'order.captured'],
  CONFIRMED: ['order.confirmed', 'order.refund-requested'],
  CANCELLED: ['order.cancelled'],
  EXPIRED: ['order.expired'],
  REFUNDED: ['order.refunded'],
};
/** Of these no order has two. */
const ONCE: readonly OrderEvent['eventType'][] = ['order.confirmed', 'order.refunded'];

/** An event may be on the stream more than once. */
const distinct = ({ events }: World): OrderEvent[] => [
  ...new Map(events.map((event) => [event.eventId, event])).values(),
];

/** What must not be of events: each change of an order is told, read, and has had its effect, once. */
export const EVENTS: Record<string, Rule> = {
  'an event waits in the outbox': ({ outbox }) => outbox.map((id) => ({ id })),

  'an event was put aside': ({ putAside }) => putAside.map((id) => ({ id })),

  'events wait for their readers': ({ group }) => (group.unread + group.unfinished > 0 ? [group] : []),

  'a change of an order was not told exactly once': (world) => {
    const told = new Map<string, number[]>(world.orders.map(({ id }) => [id, []]));
    for (const { aggregateId, version } of distinct(world)) told.get(aggregateId)?.push(version);
    return world.orders.flatMap(({ id, version }) => {
      const versions = (told.get(id) ?? []).sort((a, b) => a - b);
      const isWhole = versions.length === version && versions.every((it, index) => it === index + 1);
      return isWhole ? [] : [{ id, version, versions }];
    });
  },

  'an event is of no order': (world) => {
    const known = new Set(world.orders.map(({ id }) => id));
    return distinct(world).flatMap(({ eventId, aggregateId }) =>
      known.has(aggregateId) ? [] : [{ eventId }],
    );
  },

  'an order was confirmed or given back twice': (world) => {
    const told = distinct(world).filter(({ eventType }) => ONCE.includes(eventType));
    return repeated(told.map(({ eventType, aggregateId }) => `${eventType} ${aggregateId}`));
  },

  'an order has said another thing than what it is': (world) => {
    const last = new Map<string, OrderEvent>();
    for (const event of distinct(world)) {
      if (event.version > (last.get(event.aggregateId)?.version ?? 0)) last.set(event.aggregateId, event);
    }
    return world.orders.flatMap(({ id, status }) => {
      const said = last.get(id)?.eventType;
      return said && LAST[status].includes(said) ? [] : [{ id, status, said }];
    });
  },

  'an event has had no effect': (world) => {
    const handled = new Set(world.handled);
    return distinct(world).flatMap(({ eventId, eventType }) =>
      handled.has(eventId) ? [] : [{ eventId, eventType }],
    );
  },
};
