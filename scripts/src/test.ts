import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from './build.ts';
import { inParallel, type Task } from './in-parallel.ts';
import { ROOT } from './paths.ts';
import { createProgress } from './progress.ts';
import { cleanEnvironment } from './run-command.ts';
import { requireSystemPackages } from './system-packages.ts';

interface Count {
  passed: number;
  failed: number;
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

const VITEST = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
/** Each of several checkers would find out for itself what they have in common; other checks run meanwhile. */
const TSC = [
  process.execPath,
  path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
  '--checkers',
  '1',
] as const;
const npm = (...args: string[]) => ['npm', 'run', '--silent', ...args] as const;

interface Check extends Task {
  command: readonly [program: string, ...args: string[]];
}

/** Those that take longest come first. */
const CHECKS: Check[] = [
  { name: 'types of the tests', after: [], command: [...TSC, '-p', 'tsconfig.test.json'] },
  { name: 'types of e2e', after: [], command: [...TSC, '-p', 'e2e'] },
  { name: 'types of web', after: [], command: npm('typecheck', '-w', 'web') },
  { name: 'types of proxy-server', after: [], command: npm('typecheck', '-w', 'proxy-server') },
  { name: 'lint', after: [], command: npm('lint') },
];
const LOGS = path.join(ROOT, 'test-results', 'logs');

/** Sets up what tests need, and runs lint, types and tests; with a filter, the tests that it names alone. */
export async function test(filter: readonly string[]): Promise<void> {
  process.env['NEXT_DIST_DIR'] = '.next-test';
  const { step } = createProgress(console.log);
  requireSystemPackages('test', (names) => console.log(`  … installing ${names.join(' ')}`));
  // Whatever a test forgets to remove is in here.
  const temporary = mkdtempSync(path.join(tmpdir(), 'doa-test-run-'));
  chmodSync(temporary, 0o711);
  const env = { ...cleanEnvironment(), TMPDIR: temporary, SERVERS: 'built' };
  try {
    await build({ logs: LOGS, onStep: step });
    const counts: Count[] = [];
    if (filter.length === 0) counts.push(await checkAll(env));
    counts.push(await runVitest(filter, path.join(temporary, 'report.json'), env));
    const passed = counts.reduce((sum, count) => sum + count.passed, 0);
    const failed = counts.reduce((sum, count) => sum + count.failed, 0);
    console.log(`\n${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Lint, and the types of what the build has not looked at; each counts as one. */
async function checkAll(env: NodeJS.ProcessEnv): Promise<Count> {
  const count = { passed: 0, failed: 0 };
  console.log('\nlint and types');
  await inParallel(CHECKS, async ({ name, command: [program, ...args] }) => {
    const { code, output } = await capture(program, args, env);
    count[code === 0 ? 'passed' : 'failed'] += 1;
    console.log(`  ${code === 0 ? '✓' : '✗'} ${name}`);
    if (code !== 0) console.log(output);
  });
  return count;
}

async function runVitest(filter: readonly string[], report: string, env: NodeJS.ProcessEnv): Promise<Count> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await inherit(process.execPath, [VITEST, 'run', ...reporters, ...filter], env);
  try {
    const { numPassedTests, numFailedTests, testResults }: Report = JSON.parse(readFileSync(report, 'utf8'));
    // A file that could not even be loaded has no failed test to show for it.
    const broken = testResults.filter(
      (it) => it.status === 'failed' && it.assertionResults.length === 0,
    ).length;
    const failed = numFailedTests + broken;
    return { passed: numPassedTests, failed: code === 0 ? failed : Math.max(failed, 1) };
  } catch (error) {
    console.error(`the test run left no report: ${error instanceof Error ? error.message : error}`);
    return { passed: 0, failed: 1 };
  }
}

function capture(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject).once('close', (code) => resolve({ code, output }));
  });
}

function inherit(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGINT', pass).off('SIGTERM', pass);
      resolve(code);
    });
  });
}
