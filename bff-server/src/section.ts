import { currentContext, timeLeft, within } from '@doa-market/common/context';
import type { Section } from '@doa-market/common/contracts';
import type { Logger } from '@doa-market/common/logging';
import type { Metrics } from '@doa-market/common/metrics';
import { Histogram } from 'prom-client';

/** `load`'s value as a section, or `empty` and degraded. */
export type LoadSection = <T>(name: string, empty: T, load: () => Promise<T>) => Promise<Section<T>>;

/** Parts of a request's time: the longest that a section may take, and what is kept to write the answer with. */
const SECTION = 0.65;
const RESERVE = 0.05;

interface SectionOptions {
  logger: Logger;
  metrics: Metrics;
  /** Milliseconds that a request has. */
  budget: number;
}

/** Sections each have a time of their own inside that of the request; a failure costs its section alone, and shows. */
export function createSections({ logger, metrics, budget }: SectionOptions): LoadSection {
  const durations = new Histogram({
    name: 'page_section_duration_seconds',
    help: 'Time that a section of a page took, by what became of it',
    labelNames: ['section', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [metrics.registry],
  });
  const sectionTime = () => Math.max(0, Math.min(budget * SECTION, timeLeft() - budget * RESERVE));

  return async (name, empty, load) => {
    const observe = durations.startTimer({ section: name });
    try {
      const data = await within(sectionTime(), load);
      observe({ status: 'ok' });
      return { status: 'ok', data };
    } catch (error) {
      observe({ status: 'degraded' });
      // Nobody reads the page of a client that has gone.
      const level = currentContext()?.signal.aborted ? 'debug' : 'warn';
      logger[level]({ err: error, section: name }, 'section degraded');
      return { status: 'degraded', data: empty };
    }
  };
}

/** As long as the gateway keeps an answer; warm-up renews it before that, so no shopper waits for a fetch. */
export const WHOLE = 'public, s-maxage=300, stale-while-revalidate=600';
const DEGRADED = 'private, no-store';

/** An answer that lacks a section must not be kept by any cache as if it were whole. */
export function cacheControlOf(sections: readonly Section<unknown>[], whole = WHOLE): string {
  return sections.every(({ status }) => status === 'ok') ? whole : DEGRADED;
}
