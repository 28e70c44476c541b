import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bunBinary } from './bun.ts';
import { contentHash } from './content-hash.ts';
import { inParallel, type Task } from './in-parallel.ts';
import { ROOT } from './paths.ts';
import { runCommand } from './run-command.ts';

interface Step extends Task {
  inputs: string[];
  /** What must be there for an earlier run to count. */
  outputs: string[];
  extra?: string[];
  run: (log: string, signal: AbortSignal) => Promise<void>;
}

const CACHE = path.join(ROOT, 'node_modules', '.cache', 'doa-market');
const SERVERS = ['auth-server', 'bff-server', 'member-server', 'product-server', 'queue-server'];
const WITH_DATABASE = ['product-server', 'queue-server', 'member-server'];
const SHARED = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.base.json'];

const exists = (file: string) => existsSync(path.join(ROOT, file));
const TSC = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
/** What a server is compiled from, of its folder. */
const SOURCES = ['src', 'prisma/schema.prisma', 'sandbox-pg', 'package.json', 'tsconfig.json'];

/** Generating a client needs no engine, but Prisma would fetch one unless it is told that it has one. */
const NO_ENGINE = {
  PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  CHECKPOINT_DISABLE: '1',
};

const generate = (server: string): Step => ({
  name: `${server} database client`,
  after: [],
  inputs: [
    ...SHARED,
    `${server}/prisma/schema.prisma`,
    `${server}/prisma.config.ts`,
    `${server}/package.json`,
  ],
  outputs: [`${server}/src/generated`],
  run: (log, signal) =>
    runCommand(`${server}: generate`, 'npm', ['run', 'generate', '-w', server], {
      log,
      env: NO_ENGINE,
      signal,
    }),
});

/** One compiler for several: what they share is read and checked once. @param names of the workspaces */
const compile = (name: string, names: readonly string[], after: readonly string[]): Step => ({
  name,
  after,
  inputs: [...SHARED, 'common/src', ...names.flatMap((it) => SOURCES.map((source) => `${it}/${source}`))],
  outputs: names.map((it) => `${it}/dist`),
  run: (log, signal) =>
    runCommand(`tsc -b ${name}`, process.execPath, [TSC, '-b', '--checkers', '1', ...names], { log, signal }),
});

/** Apart from the servers: the storefront need not wait for them. */
const common = compile('common', ['common'], []);
const servers = compile('servers', SERVERS, [
  common.name,
  ...WITH_DATABASE.map((server) => generate(server).name),
]);

/** One file with all that the edge needs of its source, `common` and packages: it starts in half the time. */
const edge: Step = {
  name: 'proxy-server',
  after: [],
  inputs: [...SHARED, 'common/src', 'common/package.json', 'proxy-server/src', 'proxy-server/package.json'],
  outputs: ['proxy-server/dist/main.js'],
  run: (log, signal) =>
    runCommand(
      'bun build proxy-server',
      bunBinary(),
      [
        'build',
        '--target=bun',
        '--conditions=@doa-market/source',
        '--sourcemap=linked',
        '--outdir=proxy-server/dist',
        'proxy-server/src/main.ts',
      ],
      { log, signal },
    ),
};

/** The storefront's folder under web/; the test command names another, so that a running shop keeps its own. */
const webFolder = () => process.env['NEXT_DIST_DIR'] || '.next';

/** Values that the storefront's build writes into its files. */
const publicSettings = () =>
  Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith('NEXT_PUBLIC_') ? [`${name}=${value}`] : [],
  );

const web = (): Step => ({
  name: webFolder() === '.next' ? 'web' : `web ${webFolder()}`,
  after: [common.name],
  inputs: [...SHARED, 'web', 'common/src'],
  outputs: [`web/${webFolder()}/BUILD_ID`],
  extra: publicSettings(),
  run: (log, signal) =>
    runCommand('next build', 'npm', ['run', 'build', '-w', 'web'], {
      log,
      env: { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
      signal,
    }),
});

export interface BuildOptions {
  logs: string;
  /** Told of each step that has something to do; the function it returns is called when the step is done. */
  onStep: (name: string) => () => void;
  signal?: AbortSignal;
}

/** Builds what changed since it was last built, judged by content. */
export async function build({ logs, onStep, signal }: BuildOptions): Promise<void> {
  async function perform(step: Step, ended: AbortSignal): Promise<void> {
    const stamp = path.join(CACHE, `${step.name.replaceAll(' ', '-')}.sha256`);
    const digest = contentHash(step.inputs, step.extra);
    const built = step.outputs.every(exists) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
    if (built) return;
    const done = onStep(step.name);
    rmSync(stamp, { force: true });
    await step.run(path.join(logs, `build-${step.name.replaceAll(' ', '-')}.log`), ended);
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(stamp, digest);
    done();
  }

  await inParallel(
    // The storefront takes longest.
    [common, web(), ...WITH_DATABASE.map(generate), servers, edge],
    perform,
    { signal },
  );
}
