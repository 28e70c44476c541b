import type { Dependency } from '@doa-market/common/lifecycle';

/** What the proxy needs to be of use: a web server that is well, and a gateway that answers at all. */
export function createDependencies(webUrl: string, gatewayUrl: string): Dependency[] {
  return [
    {
      name: 'web',
      check: async (signal) => {
        const status = await statusAt(`${webUrl}/health`, signal);
        if (status !== 200) throw new Error(`status ${status}`);
      },
    },
    { name: 'gateway', check: (signal) => statusAt(gatewayUrl, signal) },
  ];
}

async function statusAt(url: string, signal: AbortSignal): Promise<number> {
  const response = await fetch(url, { redirect: 'manual', signal });
  await response.body?.cancel();
  return response.status;
}
