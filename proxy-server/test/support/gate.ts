import { EventEmitter, once } from 'node:events';

/** Something to wait for, that the test opens when it has seen enough. */
export function createGate() {
  const emitter = new EventEmitter();
  const opened = once(emitter, 'open').then(() => undefined);
  return { opened, open: () => void emitter.emit('open') };
}
