import { beforeEach, describe, expect, it } from 'vitest';
import { createGuestTokens } from '../src/api/guest-token';

const SECOND = 1_000;

describe('the guest token', () => {
  let time: number;
  let count: number;
  let broken: boolean;

  const tokens = () =>
    createGuestTokens({
      now: () => time,
      issue: async () => {
        if (broken) throw new Error('auth-server is away');
        count += 1;
        return { accessToken: `token-${count}`, expiresIn: 900 };
      },
    });

  beforeEach(() => {
    time = 0;
    count = 0;
    broken = false;
  });

  it('is renewed a minute before it expires', async () => {
    const guest = tokens();
    expect(await guest.get()).toBe('token-1');
    time = 839 * SECOND;
    expect(await guest.get()).toBe('token-1');
    time = 840 * SECOND;
    expect(await guest.get()).toBe('token-2');
  });

  it('is used to its end while no new one can be had', async () => {
    const guest = tokens();
    await guest.get();
    broken = true;
    time = 899 * SECOND;
    expect(await guest.get()).toBe('token-1');
    time = 900 * SECOND;
    await expect(guest.get()).rejects.toThrow('auth-server is away');
  });

  it('is asked for again after a failure', async () => {
    const guest = tokens();
    broken = true;
    await expect(guest.get()).rejects.toThrow();
    broken = false;
    expect(await guest.get()).toBe('token-1');
  });

  it('is not forgotten because an older one was refused', async () => {
    const guest = tokens();
    const first = await guest.get();
    guest.discard(first);
    const second = await guest.get();
    guest.discard(first);
    expect(await guest.get()).toBe(second);
    expect(count).toBe(2);
  });
});
