import { loadConfig } from '@doa-market/common/config';
import { runMain } from '@doa-market/common/lifecycle';
import { start } from '@doa-market/common/server';
import { buildApp, SERVER_NAME } from './app.ts';
import { ConfigSchema } from './config.ts';

runMain(SERVER_NAME, async () => {
  const config = loadConfig(ConfigSchema, process.env);
  await start(SERVER_NAME, await buildApp(config), config);
});
