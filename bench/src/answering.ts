import { setTimeout as delay } from 'node:timers/promises';

/** Resolves once `url` answers with 200. @throws after ten seconds. */
export async function answering(url: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    if (Date.now() > deadline) throw new Error(`${url} does not answer`);
    await delay(50);
  }
}
