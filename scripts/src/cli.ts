import { readEnvironmentFile } from './environment.ts';
import { describe, Failure } from './failure.ts';

const USAGE = `npm start [-- --detach]     start everything
npm run stop                stop it
npm run status              what runs, and how it is
npm run logs [-- <server>]  follow the logs
scripts/seed --products N   add generated products to the running stack, until there are N
npm test [-- <filter>]      lint, types and tests`;

async function run(command: string | undefined, args: string[]): Promise<void> {
  readEnvironmentFile();
  switch (command) {
    case 'start': {
      const { start, startDetached } = await import('./start.ts');
      return args.includes('--detach') ? startDetached() : start();
    }
    case 'stop':
      return (await import('./stop.ts')).stop();
    case 'status':
      return (await import('./status.ts')).status();
    case 'logs':
      return (await import('./logs.ts')).logs(args);
    case 'seed':
      return (await import('./seed-catalogue.ts')).seedCatalogue(args);
    case 'test':
      return (await import('./test.ts')).test(args);
    default:
      throw new Failure(USAGE);
  }
}

const [command, ...args] = process.argv.slice(2);
run(command, args).then(
  () => process.exit(),
  (error: unknown) => {
    console.error(describe(error));
    process.exit(1);
  },
);
