import { invalidRequest } from './errors.ts';

/** @throws {PortOneError} 400 for a URL that is not one of the shop's: we send nobody anywhere else. */
export function createReturnUrls(origins: readonly string[]) {
  const allowed = new Set(origins.map((origin) => new URL(origin).origin));
  return {
    origins: [...allowed],
    check(url: string): string {
      const parsed = URL.canParse(url) ? new URL(url) : undefined;
      if (!parsed || !allowed.has(parsed.origin) || parsed.username || parsed.password) {
        throw invalidRequest('redirectUrl을 사용할 수 없습니다.');
      }
      return parsed.href;
    },
  };
}
export type ReturnUrls = ReturnType<typeof createReturnUrls>;
