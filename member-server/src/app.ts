import { trustAuthServer, USER_AUDIENCE } from '@doa-market/common/auth';
import { databaseDependency } from '@doa-market/common/database';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { type App, createApp } from '@doa-market/common/server';
import type { Config } from './config.ts';
import { credentialsRoutes } from './credentials/routes.ts';
import { createDatabase } from './database.ts';
import { createMemberRepository } from './member/repository.ts';
import { memberRoutes } from './member/routes.ts';
import { createPersonalData } from './personal-data/index.ts';

export const SERVER_NAME = 'member-server';

/** The whole server without its socket: tests build the same one. */
export async function buildApp(config: Config): Promise<App> {
  const logger = createLogger({ name: SERVER_NAME, level: config.LOG_LEVEL });
  const database = createDatabase(config.DATABASE_URL);
  const personalData = createPersonalData(config);
  const authServer = trustAuthServer(config, [USER_AUDIENCE, SERVER_NAME]);

  const app = await createApp({
    name: SERVER_NAME,
    description: 'Members: who they are, and the hashes of their passwords.',
    logger,
    metrics: createMetrics(SERVER_NAME),
    verifyToken: authServer.verifyToken,
    dependencies: [databaseDependency(database), authServer.dependency],
  });
  app.addHook('onClose', () => database.$disconnect());

  const members = createMemberRepository(database, personalData);
  await app.register(memberRoutes, { prefix: '/api', members });
  await app.register(credentialsRoutes, { prefix: '/internal', members });
  return app;
}
