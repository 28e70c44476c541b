import { expect, test } from 'vitest';
import { createFlights } from '../../src/cache/flights.ts';

/** A piece of work that ends when it is told to, and then says whether it may be kept. */
function controlled() {
  let land: () => void = () => undefined;
  const landed = new Promise<void>((resolve) => {
    land = resolve;
  });
  const work = async (isCurrent: () => boolean) => {
    await landed;
    return isCurrent();
  };
  return { work, land };
}

test('those who come during a flight join it', async () => {
  const flights = createFlights<boolean>();
  const { work, land } = controlled();
  const first = flights.join('a', work);
  const second = flights.join('a', work);
  land();
  expect([first.leads, second.leads]).toEqual([true, false]);
  expect(await second.outcome).toBe(true);
  expect(flights.has('a')).toBe(false);
});

test('a failed flight fails for all aboard and is forgotten', async () => {
  const flights = createFlights<boolean>();
  const failing = () => Promise.reject(new Error('down'));
  const { outcome } = flights.join('a', failing);
  await expect(outcome).rejects.toThrow('down');
  expect(flights.has('a')).toBe(false);
});

test('a flight that was overtaken is not kept, whichever lands first', async () => {
  const flights = createFlights<boolean>();
  const [early, late] = [controlled(), controlled()];
  const first = flights.join('a', early.work).outcome;
  const second = flights.supersede('a', late.work);
  late.land();
  expect(await second).toBe(true);
  early.land();
  expect(await first).toBe(false);
});

test('a flight that lands before its successor is kept until that one lands', async () => {
  const flights = createFlights<boolean>();
  const [early, late] = [controlled(), controlled()];
  const first = flights.join('a', early.work).outcome;
  const second = flights.supersede('a', late.work);
  early.land();
  late.land();
  expect([await first, await second]).toEqual([true, true]);
});
