import type { QueueStats } from '@doa-market/common/contracts';
import type { Metrics } from '@doa-market/common/metrics';
import { Counter, Gauge } from 'prom-client';
import type { Leadership } from './leadership.ts';
import type { OwnPicture } from './picture.ts';
import type { OwnPictures } from './pictures.ts';
import { toStats } from './stats.ts';

type Figure = (stats: QueueStats, own: OwnPicture) => number;

const FIGURES: Record<string, [help: string, figure: Figure]> = {
  waiting_room_waiting: ['Places that wait for their turn', ({ waiting }) => waiting],
  waiting_room_present: ['Of those who wait, who polled when told to', ({ present }) => present],
  waiting_room_called: ['Whose turn has come', ({ called }) => called],
  waiting_room_admitted: ['Who has taken the turn', ({ admitted }) => admitted],
  waiting_room_missed: ['Who was not there when the turn came', ({ missed }) => missed],
  waiting_room_gone: ['Who left, or was away for longer than the grace', ({ gone }) => gone],
  waiting_room_rate: ['Members that may be let in per second', ({ settings }) => settings.rate],
  waiting_room_measured_rate: [
    'Members let in per second over the last minute',
    ({ measuredRate }) => measuredRate,
  ],
  waiting_room_picture_age_seconds: [
    'How old what this process knows of the room is',
    (_stats, own) => own.age() / 1_000,
  ],
};

interface Sources {
  pictures: OwnPictures;
  leadership: Pick<Leadership, 'leads' | 'steps'>;
}

/** What is counted of the rooms that this process has a picture of. */
export function createWaitingRoomFigures({ registry }: Metrics, { pictures, leadership }: Sources): void {
  const gauge = (name: string, help: string, figure: Figure) =>
    new Gauge({
      name,
      help,
      labelNames: ['event'],
      registers: [registry],
      collect() {
        this.reset();
        for (const own of pictures.all()) this.set({ event: own.picture.eventId }, figure(toStats(own), own));
      },
    });
  for (const [name, [help, figure]] of Object.entries(FIGURES)) gauge(name, help, figure);
  gauge('waiting_room_leader', '1 where this process leads the room', ({ eventId }) =>
    Number(leadership.leads(eventId)),
  );
  new Counter({
    name: 'waiting_room_steps_total',
    help: 'Steps of this process as a leader; FENCED is one that came too late and changed nothing',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(leadership.steps)) this.inc({ outcome }, count);
    },
  });
}
