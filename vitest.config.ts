import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectConfiguration, type UserWorkspaceConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = fileURLToPath(new URL('.', import.meta.url));
const manifest: { workspaces: string[] } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

/** Tests run from source: nothing has to be built first, and a stack trace names the line that was written. */
const SOURCE = '@doa-market/source';
const conditions = [SOURCE, 'node', 'development|production'];

const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: [SOURCE, 'node', 'import'] } },
};

type ProjectSettings = NonNullable<UserWorkspaceConfig['test']>;

function project(name: string, settings: ProjectSettings = {}): TestProjectConfiguration {
  const own = `${name}/vitest.config.ts`;
  if (existsSync(`${root}/${own}`)) return own;
  return {
    ...shared,
    root: `${root}/${name}`,
    test: {
      name,
      include: ['test/**/*.test.ts'],
      pool: 'forks',
      // The files that one worker runs share their modules: to load a server takes longer than most of its tests.
      isolate: false,
      execArgv: [`--conditions=${SOURCE}`],
      testTimeout: 20_000,
      hookTimeout: 60_000,
      ...settings,
    },
  };
}

/** What looks at files and small processes needs no stack; the rest shares one, and some of it stops parts of it. */
const ALONE = ['test/start.test.ts', 'test/compose.test.ts'];
const endToEnd = [
  project('e2e', { name: 'e2e-local', include: ALONE }),
  project('e2e', {
    exclude: ALONE,
    isolate: true,
    globalSetup: ['test/setup/stack.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    sequence: { groupOrder: 1 },
  }),
];

const tested = manifest.workspaces.filter((name) => name !== 'e2e' && existsSync(`${root}/${name}/test`));

/** Short files that take long: begun last, they would keep one worker busy and the others idle. Some of them mostly wait. */
const LONG = [
  '/queue-server/test/crash.test.ts',
  '/queue-server/test/sale.test.ts',
  '/kong/test/key-rotation.test.ts',
  '/kong/test/cache-flights.test.ts',
  '/queue-server/test/waiting-room-oracle.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const long = LONG.flatMap((name) => sorted.filter(({ moduleId }) => moduleId.endsWith(name)));
    return [...long, ...sorted.filter((file) => !long.includes(file))];
  }
}

export default defineConfig({
  ...shared,
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [...tested.map((name) => project(name)), ...endToEnd],
    globalSetup: [`${root}/scripts/src/test-stores.ts`],
    maxWorkers: 2,
  },
});
