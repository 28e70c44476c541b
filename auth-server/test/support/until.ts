import { until as poll } from '@doa-market/common/testing';

/** Polls until `holds` does, or fails when the deadline has passed. Answers how long it took, in milliseconds. */
export async function until(holds: () => Promise<boolean>, deadline?: number): Promise<number> {
  const start = performance.now();
  await poll(holds, 'what was waited for', deadline);
  return performance.now() - start;
}
