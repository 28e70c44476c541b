import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../src/paths.ts';

describe('shellcheck', () => {
  it.each(['warm-up.sh', '.ci/run', 'scripts/docker/postgres/10-databases.sh', 'scripts/seed'])(
    'finds nothing in %s',
    (script) => {
      const { stdout, error } = spawnSync('shellcheck', [path.join(ROOT, script)], { encoding: 'utf8' });
      expect(error).toBeUndefined();
      expect(stdout).toBe('');
    },
  );
});
