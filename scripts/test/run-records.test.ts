import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../src/ports.ts';
import { identify, isRunning, type ProcessIdentity } from '../src/process-identity.ts';
import { claimStack, endLeftovers, recordService, releaseStack, runningStack } from '../src/run-records.ts';

let run: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  run = mkdtempSync(path.join(tmpdir(), 'doa-run-'));
});

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(run, { recursive: true });
});

function identityOf(pid: number | undefined): ProcessIdentity {
  const identity = identify(pid ?? 0);
  if (!identity) throw new Error('the process is gone');
  return identity;
}

/** A process in a group of its own, that says something once it is there. */
async function start(script: string): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, line };
}

const record = (identity: ProcessIdentity) => ({
  ...identity,
  name: 'web',
  port: 3000,
  since: new Date().toISOString(),
});

describe('what an earlier stack left', () => {
  it('is ended, even when it ignores the polite request', async () => {
    const { child } = await start('trap "" TERM; echo ready; while :; do sleep 0.1; done');
    recordService(run, record(identityOf(child.pid)));
    expect(await endLeftovers(run, 200)).toEqual(['web']);
    expect(readdirSync(run)).toEqual([]);
  });

  it('is ended with its workers, when their master is gone', async () => {
    const { child, line } = await start('sleep 60 & echo $!; wait');
    const master = identityOf(child.pid);
    const worker = identityOf(Number(line));
    child.kill('SIGKILL');
    await once(child, 'exit');
    recordService(run, record(master));
    expect(await endLeftovers(run)).toEqual(['web']);
    expect(isRunning(worker)).toBe(false);
  });

  it('is left alone when its number belongs to another process now', async () => {
    const { child } = await start('echo ready; sleep 60');
    const identity = identityOf(child.pid);
    recordService(run, record({ ...identity, startedAt: `${identity.startedAt.split(':')[0]}:1` }));
    expect(await endLeftovers(run)).toEqual([]);
    expect(isRunning(identity)).toBe(true);
  });

  it('is nothing when its record was cut short', async () => {
    writeFileSync(path.join(run, 'web.json'), '{"pid":');
    expect(await endLeftovers(run)).toEqual([]);
    expect(readdirSync(run)).toEqual([]);
  });
});

describe('the claim to be the one stack', () => {
  it('is held until it is given up', async () => {
    const ports = await freePorts();
    claimStack(run, ports);
    expect(runningStack(run)).toMatchObject({ pid: process.pid, ports });
    releaseStack(run);
    expect(runningStack(run)).toBeUndefined();
  });

  it('is refused while another process has it, and cannot be given up for it', async () => {
    const { child } = await start('echo ready; sleep 60');
    const other = JSON.stringify({ ...identityOf(child.pid), ports: {}, since: 'noon' });
    writeFileSync(path.join(run, 'stack.json'), other);
    const ports = await freePorts();
    expect(() => claimStack(run, ports)).toThrow(`already running: pid ${child.pid} since noon`);
    releaseStack(run);
    expect(runningStack(run)?.pid).toBe(child.pid);
  });

  it('passes on when its holder is gone', async () => {
    const { child } = await start('echo ready; sleep 60');
    const gone = identityOf(child.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    writeFileSync(path.join(run, 'stack.json'), JSON.stringify({ ...gone, ports: {}, since: '' }));
    claimStack(run, await freePorts());
    expect(runningStack(run)?.pid).toBe(process.pid);
    expect(readdirSync(run)).toEqual(['stack.json']);
  });
});
