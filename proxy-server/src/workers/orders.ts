import { type Channel, drain } from './channel.ts';
import type { Figures, Order, ReadyAnswer } from './messages.ts';
import { spreadEvenly, steerAway } from './reuseport.ts';

interface Duties {
  /** The shared one. */
  port: number;
  ready: () => Promise<ReadyAnswer>;
  figures: () => Promise<Figures>;
}

/** Does what the supervisor asks of a worker. */
export function followOrders(channel: Channel, { port, ready, figures }: Duties) {
  let retired = false;
  const tellFigures = async () => channel.report({ type: 'figures', figures: await figures() });

  channel.onOrder((order: Order): unknown => {
    switch (order.type) {
      case 'figures':
        return tellFigures();
      case 'ready':
        return ready().then((answer) => channel.report({ type: 'ready', answer }));
      case 'spread':
        return spreadEvenly(port);
      case 'retire':
        retired = true;
        steerAway(port, order.place);
        return drain();
    }
  });

  return {
    /** Whether others have taken over already, so that there is time to leave. */
    isRetired: () => retired,
    /** The last word: what was counted since the last question. */
    farewell: tellFigures,
  };
}
