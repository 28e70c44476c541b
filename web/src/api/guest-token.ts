export interface IssuedToken {
  accessToken: string;
  expiresIn: number;
}

export interface GuestTokens {
  /** A token with some life left in it. */
  get(): Promise<string>;
  /** Forget `token`, because someone refused it. A newer one stays. */
  discard(token: string): void;
}

interface GuestTokensOptions {
  issue: () => Promise<IssuedToken>;
  now?: () => number;
}

const RENEW_BEFORE = 60_000;

/** One guest token for the whole process, renewed before it expires, by one request however many wait for it. */
export function createGuestTokens({ issue, now = Date.now }: GuestTokensOptions): GuestTokens {
  let current: { token: string; renewAt: number; expiresAt: number } | undefined;
  let pending: Promise<string> | undefined;

  async function renew(): Promise<string> {
    const askedAt = now();
    const { accessToken, expiresIn } = await issue();
    const lifetime = expiresIn * 1_000;
    current = {
      token: accessToken,
      renewAt: askedAt + lifetime - Math.min(RENEW_BEFORE, lifetime / 2),
      expiresAt: askedAt + lifetime,
    };
    return accessToken;
  }

  function renewOnce(): Promise<string> {
    pending ??= renew().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  return {
    async get() {
      if (current && now() < current.renewAt) return current.token;
      try {
        return await renewOnce();
      } catch (error) {
        // The old one is good until it expires, even when a new one cannot be had.
        if (current && now() < current.expiresAt) return current.token;
        throw error;
      }
    },
    discard(token) {
      if (current?.token === token) current = undefined;
    },
  };
}
