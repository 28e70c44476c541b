import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));
const manifest: { workspaces: string[] } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

/** Tests run from source: nothing has to be built first, and a stack trace names the line that was written. */
const SOURCE = '@doa-market/source';
const conditions = [SOURCE, 'node', 'development|production'];

const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: [SOURCE, 'node', 'import'] } },
};

function project(name: string): TestProjectConfiguration {
  const own = `${name}/vitest.config.ts`;
  if (existsSync(`${root}/${own}`)) return own;
  return {
    ...shared,
    root: `${root}/${name}`,
    test: {
      name,
      include: ['test/**/*.test.ts'],
      pool: 'forks',
      execArgv: [`--conditions=${SOURCE}`],
      testTimeout: 20_000,
      hookTimeout: 60_000,
      ...(name === 'e2e' && {
        globalSetup: ['test/setup/stack.ts'],
        testTimeout: 120_000,
        hookTimeout: 180_000,
        // They share one stack, and some of them stop parts of it.
        fileParallelism: false,
        sequence: { groupOrder: 1 },
      }),
    },
  };
}

export default defineConfig({
  ...shared,
  test: {
    projects: manifest.workspaces.filter((name) => existsSync(`${root}/${name}/test`)).map(project),
    globalSetup: [`${root}/scripts/src/test-stores.ts`],
    maxWorkers: 2,
  },
});
