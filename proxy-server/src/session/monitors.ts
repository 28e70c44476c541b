import type { MayRefresh } from '../policy/refresh.ts';
import type { Exchange } from '../proxy/exchange.ts';

interface MonitorOptions {
  paths: readonly string[];
  /** Parts of a User-Agent, whatever their case. */
  userAgents: readonly string[];
  isWarmUp: MayRefresh;
}

/** Builds the check for those who look after the shop: they get no token and leave no session behind. */
export function createMonitorCheck({ paths, userAgents, isWarmUp }: MonitorOptions) {
  const ofMonitors = new Set(paths);
  const agents = userAgents.map((agent) => agent.toLowerCase());
  return ({ request: { headers }, target }: Exchange): boolean => {
    if (ofMonitors.has(target.path)) return true;
    const agent = headers.get('user-agent')?.toLowerCase() ?? '';
    return agents.some((it) => agent.includes(it)) || isWarmUp(headers);
  };
}
export type IsMonitor = ReturnType<typeof createMonitorCheck>;
