import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, Failure } from './failure.ts';
import { lastError, openLog } from './log-file.ts';
import { endedWithParent } from './parent-death.ts';
import { type DataPaths, ROOT } from './paths.ts';
import { probeFailure } from './probes.ts';
import { endProcess, groupMembers, identify, type ProcessIdentity } from './process-identity.ts';
import { forgetService, recordService } from './run-records.ts';
import type { Service } from './services.ts';

export interface SuperviseOptions {
  paths: DataPaths;
  /** Says what happens to a process while the stack runs. */
  report: (line: string) => void;
  /** Environment that every process gets below its own. */
  env: NodeJS.ProcessEnv;
}

const START_DEADLINE = 60_000;
const STOP_PATIENCE = 12_000;
const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 30_000;
/** A process that ran this long has recovered: its next death is a first one again. */
const RECOVERED_AFTER = 60_000;

/** Keeps one process up: started when asked, restarted when it dies, ended with its whole group. */
export function supervise(service: Service, { paths, report, env }: SuperviseOptions) {
  let child: ChildProcess | undefined;
  let identity: ProcessIdentity | undefined;
  let wanted = false;
  let failures = 0;
  let backoff = new AbortController();

  function launch() {
    const log = openLog(paths.logs, service.name);
    const { command, args } = endedWithParent(service, service.stopSignal ?? 'SIGTERM');
    const started = Date.now();
    // A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which ends things in order.
    const process = spawn(command, args, {
      cwd: ROOT,
      env: { ...env, ...service.env },
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    log.close();
    child = process;
    const launched = process.pid === undefined ? undefined : identify(process.pid);
    identity = launched;
    if (launched) {
      const since = new Date().toISOString();
      recordService(paths.run, { ...launched, name: service.name, port: service.port, since });
    }
    const died = new Promise<string>((resolve) => {
      process.once('error', (error) => resolve(error.message));
      process.once('exit', (code, signal) => resolve(signal ? `killed by ${signal}` : `exit code ${code}`));
    }).then(async (how) => {
      child = undefined;
      if (launched) await endGroup(launched);
      forgetService(paths.run, service.name);
      return { how, why: lastError(log.file, log.offset), log: log.file, lived: Date.now() - started };
    });
    return died;
  }

  async function endGroup(leader: ProcessIdentity): Promise<void> {
    await Promise.all(groupMembers(leader).map((member) => endProcess(member, 'SIGKILL', 1_000)));
  }

  /** Launches and waits until it is ready; afterwards a death brings it back. */
  async function start(): Promise<void> {
    wanted = true;
    const died = launch();
    const controller = new AbortController();
    const death = died.then(({ why, log }) => {
      throw new Failure(`${service.name} did not start: ${why} (log: ${log})`);
    });
    try {
      await Promise.race([untilReady(service, controller.signal), death]);
    } finally {
      controller.abort();
      death.catch(() => undefined);
    }
    died.then(revive);
  }

  async function revive(death: { how: string; why: string; lived: number; log: string }): Promise<void> {
    if (!wanted) return;
    failures = death.lived > RECOVERED_AFTER ? 1 : failures + 1;
    const pause = Math.min(FIRST_BACKOFF * 2 ** (failures - 1), LONGEST_BACKOFF);
    report(`${service.name} died (${death.how}: ${death.why}); starting it again in ${pause / 1000} s`);
    backoff = new AbortController();
    const waited = await delay(pause, true, { signal: backoff.signal }).catch(() => false);
    if (!waited || !wanted) return;
    const died = launch();
    const controller = new AbortController();
    untilReady(service, controller.signal).then(
      () => report(`${service.name} is back`),
      (error: unknown) => controller.signal.aborted || report(describe(error)),
    );
    const next = await died;
    controller.abort();
    await revive(next);
  }

  async function stop(): Promise<void> {
    wanted = false;
    backoff.abort();
    if (!child || !identity) return;
    const exited = once(child, 'exit');
    const leader = identity;
    await endProcess(leader, service.stopSignal ?? 'SIGTERM', STOP_PATIENCE);
    await exited;
    await endGroup(leader);
  }

  /** Ends it at once, whatever it is doing. */
  function kill(): void {
    wanted = false;
    backoff.abort();
    if (child && identity) void endProcess(identity, 'SIGKILL', 1_000);
  }

  return { service, start, stop, kill, identity: () => (child ? identity : undefined) };
}

export type Supervised = ReturnType<typeof supervise>;

async function untilReady(service: Service, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + START_DEADLINE;
  for (const probe of [service.health, service.ready]) {
    for (;;) {
      try {
        await probe();
        break;
      } catch (error) {
        signal.throwIfAborted();
        if (Date.now() > deadline) {
          throw new Failure(
            `${service.name} did not get ready in ${START_DEADLINE / 1000} s: ${probeFailure(error)}`,
          );
        }
        await delay(50);
      }
    }
  }
}
