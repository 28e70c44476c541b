import { ProblemError } from '@doa-market/common/errors';

/** Seconds until a full room may have a place again. */
const FULL_AGAIN = 10;

export const noRoom = () => new ProblemError(404, 'QUE_4040', 'The event has no waiting room.');

export const noPlace = () =>
  new ProblemError(404, 'QUE_4041', 'There is no place of yours in this waiting room (any more).');

export const elsewhere = (eventId: string) =>
  new ProblemError(
    409,
    'QUE_4090',
    `You have a place in the waiting room of event ${eventId}: leave it first.`,
  );

export const soldOut = () => new ProblemError(410, 'QUE_4100', 'The event is sold out.');

export const full = () =>
  new ProblemError(503, 'QUE_5030', 'The waiting room is full.', {
    headers: { 'Retry-After': String(FULL_AGAIN) },
  });

/** @param early milliseconds until a poll is welcome */
export const tooEarly = (early: number) =>
  new ProblemError(429, 'QUE_4290', 'This is earlier than the last answer asked for.', {
    headers: { 'Retry-After': String(Math.ceil(early / 1_000)) },
  });
