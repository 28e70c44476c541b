import { createCircuitBreaker, type Settle } from '@doa-market/common/http';
import { beforeEach, describe, expect, it } from 'vitest';

let clock: number;
let breaker: ReturnType<typeof createCircuitBreaker>;

beforeEach(() => {
  clock = 1_000_000;
  breaker = createCircuitBreaker({
    window: 10_000,
    minimum: 10,
    failureRate: 0.5,
    openFor: 2_000,
    now: () => clock,
  });
});

function enter(): Settle {
  const settle = breaker.enter();
  if (!settle) throw new Error('the breaker refused');
  return settle;
}
const calls = (count: number, verdict: 'success' | 'failure' | 'unknown') => {
  for (let done = 0; done < count; done += 1) enter()(verdict);
};
const open = () => calls(10, 'failure');

describe('a circuit breaker', () => {
  it('opens when half of the calls of its window have failed, and then refuses', () => {
    calls(5, 'success');
    calls(4, 'failure');
    expect(breaker.state()).toBe('closed');
    calls(1, 'failure');
    expect(breaker.state()).toBe('open');
    expect(breaker.enter()).toBeUndefined();
  });

  it('concludes nothing from few calls', () => {
    calls(9, 'failure');
    expect(breaker.state()).toBe('closed');
  });

  it('forgets what is older than its window', () => {
    calls(9, 'failure');
    clock += 11_000;
    calls(1, 'failure');
    expect(breaker.state()).toBe('closed');
  });

  it('takes a call whose caller left for none at all', () => {
    calls(50, 'unknown');
    calls(9, 'failure');
    expect(breaker.state()).toBe('closed');
  });

  it('lets exactly one call through as a probe, and closes when it succeeds', () => {
    open();
    clock += 2_000;
    expect(breaker.state()).toBe('half-open');
    const probe = enter();
    expect([breaker.enter(), breaker.enter()]).toEqual([undefined, undefined]);
    probe('success');
    expect(breaker.state()).toBe('closed');
    calls(9, 'failure');
    expect(breaker.state()).toBe('closed');
  });

  it('opens for as long again when the probe fails', () => {
    open();
    clock += 2_000;
    enter()('failure');
    clock += 1_999;
    expect(breaker.enter()).toBeUndefined();
    clock += 1;
    expect(breaker.enter()).toBeDefined();
  });

  it('sends another probe when the caller of one has left, and does not close for it', () => {
    open();
    clock += 2_000;
    enter()('unknown');
    expect(breaker.state()).toBe('half-open');
    enter()('success');
    expect(breaker.state()).toBe('closed');
  });

  it('does not believe calls that began before it opened', () => {
    const late = [enter(), enter()];
    open();
    late[0]?.('success');
    expect(breaker.state()).toBe('open');
    clock += 2_000;
    enter()('success');
    late[1]?.('failure');
    calls(9, 'failure');
    expect(breaker.state()).toBe('closed');
  });
});
