import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { NextConfig } from 'next';
import { PHASE_DEVELOPMENT_SERVER, PHASE_PRODUCTION_BUILD } from 'next/constants';

process.env['NEXT_TELEMETRY_DISABLED'] ||= '1';

/** Tests have a build of their own: one under a running server would take its files away. */
const distDir = process.env['NEXT_DIST_DIR'] || '.next';
const repositoryRoot = path.resolve(import.meta.dirname, '..');

/** The build names its deployment once; its workers inherit the name and the server reads it back. */
function deploymentId(phase: string): string | undefined {
  if (phase === PHASE_DEVELOPMENT_SERVER) return undefined;
  if (phase === PHASE_PRODUCTION_BUILD) {
    process.env['NEXT_DEPLOYMENT_ID'] ||= Date.now().toString(36);
    return process.env['NEXT_DEPLOYMENT_ID'];
  }
  const manifest = path.join(import.meta.dirname, distDir, 'required-server-files.json');
  const built: { config: { deploymentId?: string } } = JSON.parse(readFileSync(manifest, 'utf8'));
  return built.config.deploymentId;
}

export default function config(phase: string): NextConfig {
  const development = phase === PHASE_DEVELOPMENT_SERVER;
  const staticUrl = process.env['NEXT_PUBLIC_STATIC_URL'];
  const gatewayUrl = process.env['KONG_GATEWAY_URL'] ?? 'http://127.0.0.1:8000';
  const deployment = deploymentId(phase);

  return {
    // An image needs a server that carries its modules with it; `next start` needs none of that.
    ...(process.env['NEXT_OUTPUT'] === 'standalone' ? { output: 'standalone' as const } : {}),
    distDir,
    outputFileTracingRoot: repositoryRoot,
    turbopack: { root: repositoryRoot },
    poweredByHeader: false,
    reactStrictMode: true,
    typedRoutes: false,
    serverExternalPackages: ['undici'],
    // A page that no one asks for must not fill the disk: unknown paths are cached in memory, which is bounded.
    cacheHandler: path.join(import.meta.dirname, 'cache-handler.mjs'),
    cacheMaxMemorySize: 128 * 1024 * 1024,
    // TypeScript 7 is a program of its own, with no interface for Node to call.
    experimental: { isrFlushToDisk: false, useTypeScriptCli: true },
    // Shared caches may show a page of 60 s for 600 s more while they fetch a new one.
    expireTime: 660,
    ...(deployment ? { deploymentId: deployment } : {}),
    ...(staticUrl ? { assetPrefix: staticUrl, crossOrigin: 'anonymous' as const } : {}),

    async headers() {
      return [
        {
          source: '/:path*',
          headers: [
            { key: 'X-Content-Type-Options', value: 'nosniff' },
            { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
            {
              key: 'Permissions-Policy',
              value: 'camera=(), microphone=(), geolocation=(), browsing-topics=()',
            },
            { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
            { key: 'Content-Security-Policy', value: contentSecurityPolicy({ staticUrl, development }) },
          ],
        },
      ];
    },

    // Pages without a parameter are prerendered by the build, which has no gateway to ask. Behind these rewrites
    // they have one, so they are rendered at their first request and cached like any other page.
    async rewrites() {
      return {
        beforeFiles: [
          { source: '/', destination: '/front/ko' },
          { source: '/categories', destination: '/front/ko/categories' },
        ],
        afterFiles: [],
        // In development there is no edge in front that would send the API to the gateway.
        fallback: development ? [{ source: '/api/:path*', destination: `${gatewayUrl}/api/:path*` }] : [],
      };
    },
    async redirects() {
      return [
        { source: '/front/:edition', destination: '/', permanent: true },
        { source: '/front/:edition/categories', destination: '/categories', permanent: true },
      ];
    },
  };
}

interface PolicyOptions {
  staticUrl: string | undefined;
  development: boolean;
}

/**
 * Pages are cached and the same for everyone, so no nonce can be in them: inline scripts stay allowed, other
 * hosts do not (but for the one that serves our own assets).
 */
function contentSecurityPolicy({ staticUrl, development }: PolicyOptions): string {
  const assets = staticUrl ? ["'self'", new URL(staticUrl).origin] : ["'self'"];
  const directives: Record<string, string[]> = {
    'default-src': ["'self'"],
    'script-src': [...assets, "'unsafe-inline'", ...(development ? ["'unsafe-eval'"] : [])],
    'style-src': [...assets, "'unsafe-inline'"],
    'img-src': [...assets, 'data:'],
    'font-src': assets,
    'connect-src': [...assets, ...(development ? ['ws:'] : [])],
    'object-src': ["'none'"],
    'base-uri': ["'self'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}
