import { createServiceTokens } from '@doa-market/common/auth';
import { createServiceClient } from '@doa-market/common/http';
import type { Metrics } from '@doa-market/common/metrics';
import type { Config } from '../config.ts';
import type { Database } from '../database.ts';
import type { Idempotency } from '../idempotency/service.ts';
import { createPurchases } from '../upstream/purchases.ts';
import { foldRatings } from './ratings.ts';
import { createReviewRepository } from './repository.ts';
import { createReviewService } from './service.ts';

/** Milliseconds: what happens within them is one change to everybody else, so a run never follows at once. */
const FOLD_EVERY = 250;

interface Parts {
  config: Config;
  database: Database;
  idempotency: Idempotency;
  metrics: Metrics;
}

/** Reviews, with whom they ask who has bought what, and with the job that keeps ratings true to them. */
export function createReviews({ config, database, idempotency, metrics }: Parts) {
  const client = (name: string, baseUrl: string) =>
    createServiceClient({ name, baseUrl, timeout: config.REQUEST_TIMEOUT, metrics });
  const authServer = client('auth-server', config.AUTH_SERVICE_URL);
  const queueServer = client('queue-server', config.QUEUE_SERVICE_URL);
  const serviceToken = createServiceTokens({
    authServer,
    serviceKey: config.SERVICE_KEY,
    audience: 'queue-server',
  });
  return {
    service: createReviewService({
      reviews: createReviewRepository(database),
      purchases: createPurchases(queueServer, serviceToken),
      idempotency,
    }),
    jobs: [{ name: 'fold ratings', every: FOLD_EVERY, run: () => foldRatings(database).then(() => 0) }],
    /** Without it nobody can write a review; all else goes on. */
    dependency: { ...queueServer, required: false },
    close: () => Promise.all([authServer.close(), queueServer.close()]),
  };
}
