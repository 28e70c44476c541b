interface Renders {
  begun: Map<string, { at: number }>;
  ended: Set<() => void>;
}

/** What cache-handler.mjs knows, if it is there: in development it may not be. */
function renders(): Renders | undefined {
  return (globalThis as { [key: symbol]: unknown })[Symbol.for('doa-market.renders')] as Renders | undefined;
}

/**
 * Resolves when every render that is under way now has ended, or after `patience` milliseconds: a request for such a
 * page would be given what that render brings.
 */
export async function rendersUnderWay(patience: number): Promise<void> {
  const all = renders();
  if (!all) return;
  const since = Date.now() - patience;
  const begun = [...all.begun].filter(([, { at }]) => at > since);
  const areOver = () => begun.every(([key, render]) => all.begun.get(key) !== render);
  if (areOver()) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      all.ended.delete(look);
      resolve();
    };
    const look = () => {
      if (areOver()) end();
    };
    const timer = setTimeout(end, patience);
    all.ended.add(look);
  });
}
