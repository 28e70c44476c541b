import { describe, expect, it } from 'vitest';
import { requireSystemPackages, type System } from '../src/system-packages.ts';

const lacking = (...names: string[]): System => ({
  isThere: (wanted) => !names.includes(wanted),
  isDebian: () => true,
  asRoot: () => undefined,
});
const neverInstalls = (names: string[]) => {
  throw new Error(`${names.join(' ')} must not be installed`);
};

describe('system packages', () => {
  it('are nobody’s business when all are there', () => {
    expect(() => requireSystemPackages('test', neverInstalls, lacking())).not.toThrow();
  });

  it('are named in the one line to run, for a user who cannot become root', () => {
    const start = () => requireSystemPackages('start', neverInstalls, lacking('nginx', 'redis-server'));
    expect(start).toThrow(
      /^system packages are missing; run: sudo apt-get install -y --no-install-recommends redis-server nginx$/,
    );
  });

  it('are named where there is no apt', () => {
    const system = { ...lacking('nginx'), isDebian: () => false };
    expect(() => requireSystemPackages('start', neverInstalls, system)).toThrow(/not Debian.*: nginx$/);
  });

  it('are not asked of those who only start what tests alone need', () => {
    expect(() => requireSystemPackages('start', neverInstalls, lacking('chromium'))).not.toThrow();
    expect(() => requireSystemPackages('test', neverInstalls, lacking('chromium'))).toThrow(/chromium/);
  });
});
