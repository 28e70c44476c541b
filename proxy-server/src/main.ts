import { runMain } from '@doa-market/common/lifecycle';
import { readConfig } from './config.ts';
import { allowManyConnections } from './runtime.ts';
import { isWorker } from './workers/channel.ts';
import { countWorkers } from './workers/count.ts';

runMain('proxy-server', async () => {
  allowManyConnections();
  const config = readConfig(process.env);
  const workers = countWorkers(config.WORKERS);
  // A supervisor serves no requests: it needs nothing of what does.
  if (workers > 1 && !isWorker()) {
    const { supervise } = await import('./workers/supervisor.ts');
    return supervise(config, workers);
  }
  const { startServer } = await import('./server.ts');
  return startServer(config);
});
