import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { createBuyers } from './buyers.ts';
import { serveCrowd } from './crowd.ts';
import type { BenchShop } from './shop.ts';

const HOLDS = 1_000;
const AT_ONCE = 60;
const PROCESSES = 3;
const SPREAD = 200;
const ROUNDS = 3;

/** Everybody wants the same SKU, against everybody another: how long the row that all wait for is locked. */
export async function contention(shop: BenchShop): Promise<void> {
  const servers = await Promise.all(Array.from({ length: PROCESSES }, () => shop.start()));
  const buyers = createBuyers(servers, shop.token);
  const [[one = ''], many] = await Promise.all([shop.skus(1, 1_000_000), shop.skus(SPREAD, 1_000_000)]);

  async function rate(skuOf: (index: number) => string): Promise<number> {
    const begin = performance.now();
    await serveCrowd(HOLDS, AT_ONCE, async (index) => {
      const items = [{ skuId: skuOf(index), quantity: 1 }];
      const claim = { owner: `buyer:${randomUUID()}`, key: 'bench', ttl: 300 };
      const { status } = await buyers.insist('/holds', { ...claim, items });
      if (status !== 201) throw new Error(`a hold was answered with ${status}`);
    });
    return (HOLDS * 1_000) / (performance.now() - begin);
  }

  const rates: [hot: number, spread: number][] = [];
  await rate((index) => many[index % SPREAD] ?? '');
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.push([await rate(() => one), await rate((index) => many[index % SPREAD] ?? '')]);
  }
  const best = rates.toSorted(([a, b], [c, d]) => a / b - c / d)[Math.floor(ROUNDS / 2)] ?? [
    Number.NaN,
    Number.NaN,
  ];
  console.log(`\n${HOLDS} holds, ${PROCESSES} processes, ${AT_ONCE} at once, median of ${ROUNDS} rounds`);
  console.log(
    `  all of one SKU ${best[0].toFixed(0)}/s, of ${SPREAD} SKUs ${best[1].toFixed(0)}/s: ${(best[0] / best[1]).toFixed(2)}`,
  );
  buyers.close();
  await Promise.all(servers.map((server) => server.kill()));
}
