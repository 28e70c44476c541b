import { Gauge } from 'prom-client';
import type { Metrics } from '../metrics/index.ts';
import type { groupState } from './stream-reader.ts';

interface Figure {
  name: string;
  help: string;
}

/** How far the readers of a group are behind, in figures; Redis is asked when somebody reads them. */
export function createGroupFigures(
  { registry }: Metrics,
  readGroup: () => ReturnType<typeof groupState>,
  { unread, unfinished }: { unread: Figure; unfinished: Figure },
): void {
  const registers = [registry];
  const unfinishedEvents = new Gauge({ ...unfinished, registers });
  new Gauge({
    ...unread,
    registers,
    async collect() {
      // Without Redis the last word stands.
      const group = await readGroup().catch(() => undefined);
      if (!group) return;
      this.set(group.unread);
      unfinishedEvents.set(group.unfinished);
    },
  });
}
