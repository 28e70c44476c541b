import { channel } from 'node:diagnostics_channel';
import { env, kill, pid } from 'node:process';

/**
 * Loaded before a server's own modules: ends or stops the process, or ends its Redis, at one of its durable steps, the
 * very moment it comes to it. CRASH_AT is `<step>:<before|after>[:<how many times it is passed>]`; CRASH_MODE is `kill`,
 * `stop`, or `redis`, which needs CRASH_REDIS_PID.
 */
const [step, edge, nth = '1'] = (env.CRASH_AT ?? '').split(':');
const signals = {
  kill: [pid, 'SIGKILL'],
  stop: [pid, 'SIGSTOP'],
  redis: [Number(env.CRASH_REDIS_PID), 'SIGKILL'],
};
let left = Number(nth);

if (step) {
  const [victim, signal] = signals[env.CRASH_MODE ?? 'kill'];
  // The name of the channel is queue-server's.
  channel('doa-market:step').subscribe((message) => {
    if (message.step !== step || message.edge !== edge) return;
    left -= 1;
    if (left === 0) kill(victim, signal);
  });
}
