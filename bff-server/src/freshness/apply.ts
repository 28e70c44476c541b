import { setTimeout as delay } from 'node:timers/promises';
import type { Touched } from '@doa-market/common/cache-manifest';
import type { Logger } from '@doa-market/common/logging';
import type { FreshnessFigures } from './figures.ts';
import type { Step } from './steps.ts';

interface ApplyOptions {
  steps: readonly Step[];
  logger: Logger;
  figures: FreshnessFigures;
  signal: AbortSignal;
}

const ATTEMPTS = 6;
/** Milliseconds of the first pause after a failure; each further one doubles it. */
const FIRST_PAUSE = 100;

/** Thrown where a cache could not be told although it was tried several times. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  readonly step: string;

  constructor(step: string, cause: unknown) {
    super(`${step} could not be told`, { cause });
    this.step = step;
  }
}

/** Builds what tells all caches, one after another; a step that fails is tried again, and those after it wait. */
export function createApply({ steps, logger, figures, signal }: ApplyOptions) {
  async function take(step: Step, touched: Touched): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await step.forget(touched);
      } catch (error) {
        figures.failures.inc({ step: step.name });
        logger.warn({ err: error, step: step.name, attempt }, 'a cache could not be told of a change');
        if (attempt === ATTEMPTS || signal.aborted) throw new StepFailed(step.name, error);
        await delay(FIRST_PAUSE * 2 ** (attempt - 1), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** @throws {StepFailed} */
  return async function apply(touched: Touched): Promise<void> {
    for (const step of steps) await take(step, touched);
  };
}
export type Apply = ReturnType<typeof createApply>;
