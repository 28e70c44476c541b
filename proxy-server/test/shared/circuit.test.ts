import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createCircuit } from '../../src/shared/circuit.ts';
import { within } from '../../src/shared/deadline.ts';

describe('the circuit', () => {
  const onOpen = vi.fn();
  let circuit: ReturnType<typeof createCircuit>;
  beforeEach(() => {
    onOpen.mockClear();
    circuit = createCircuit(onOpen);
  });

  it('opens with the first call that has no answer, and says so once', () => {
    circuit.failed(performance.now());
    circuit.failed(performance.now());
    expect(circuit.isOpen()).toBe(true);
    expect(onOpen).toHaveBeenCalledOnce();
  });

  it('stays closed when others had answers since the silent call began', () => {
    const enteredAt = performance.now() - 1;
    circuit.answered();
    circuit.failed(enteredAt);
    expect(circuit.isOpen()).toBe(false);
    expect(onOpen).not.toHaveBeenCalled();
  });

  it('closes with an answer', () => {
    circuit.failed(performance.now());
    circuit.answered();
    expect(circuit.isOpen()).toBe(false);
  });
});

describe('a deadline', () => {
  it('ends what takes longer', async () => {
    await expect(within(new Promise(() => undefined), 1)).rejects.toThrow('no answer within 1 ms');
  });

  it('takes nothing from what is in time', async () => {
    await expect(within(Promise.resolve('answer'), 1_000)).resolves.toBe('answer');
    await expect(within(Promise.reject(new Error('refused')), 1_000)).rejects.toThrow('refused');
  });

  it('that passed while the process was busy lets an answer win that is there already', async () => {
    const answer = within(new Promise((resolve) => setTimeout(resolve, 2, 'answer')), 1);
    const busyUntil = performance.now() + 20;
    while (performance.now() < busyUntil);
    await expect(answer).resolves.toBe('answer');
  });
});
