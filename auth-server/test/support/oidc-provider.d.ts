/** As much of oidc-provider as the tests use: it comes without types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';
  import type Koa from 'koa';

  interface Context extends Koa.Context {
    oidc?: { body?: Record<string, unknown> };
  }

  export class Provider extends Koa<Koa.DefaultState, Context> {
    constructor(issuer: string, configuration: object);
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ params: Record<string, unknown> }>;
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
    readonly Grant: new (of: {
      accountId: string;
      clientId: string;
    }) => {
      addOIDCScope(scope: string): void;
      save(): Promise<string>;
    };
    readonly AccessToken: { find(value: string): Promise<{ accountId: string } | undefined> };
  }
}
