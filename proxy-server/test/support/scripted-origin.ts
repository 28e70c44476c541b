import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { type OnEnd, startOrigin } from './origin.ts';

/** What the origin says once. */
export interface Answer {
  status?: number;
  /** A list makes a line of each; nothing takes Date away. */
  headers?: Record<string, string | string[] | undefined>;
  /** 'answer 1', 'answer 2' and so on where nothing is given. */
  body?: string;
  /** Without a Content-Length. */
  chunked?: boolean;
  /** Bytes in place of an answer, after which the connection ends. */
  raw?: string;
  /** The connection breaks without an answer. */
  breaks?: boolean;
  /** Early hints before the answer. */
  hints?: string;
  /** Waits before it answers. */
  until?: Promise<void>;
}

export interface Seen {
  method: string;
  headers: IncomingHttpHeaders;
  rawHeaders: string[];
}

const BODILESS = new Set([204, 304]);

/** An origin that says at each path what it was told to, one answer after the other; the last one for ever. */
export async function startScriptedOrigin(onEnd: OnEnd) {
  const scripts = new Map<string, Answer[]>();
  const log = new Map<string, Seen[]>();
  const seen = (path: string): Seen[] => log.get(path) ?? [];

  const origin = await startOrigin(
    (request, response) => {
      const path = request.url ?? '';
      const requests = [
        ...seen(path),
        { method: request.method ?? '', headers: request.headers, rawHeaders: request.rawHeaders },
      ];
      log.set(path, requests);
      request.resume();
      const script = scripts.get(path) ?? scripts.get(path.split('?', 1)[0] ?? '') ?? [];
      const answer = script[Math.min(requests.length, script.length) - 1] ?? { status: 404 };
      void say(answer, response, requests.length);
    },
    {},
    onEnd,
  );
  return { ...origin, seen, script: (path: string, answers: Answer[]) => scripts.set(path, answers) };
}

async function say(answer: Answer, response: ServerResponse, count: number): Promise<void> {
  const { status = 200, headers = {}, body = `answer ${count}`, chunked, raw, breaks, hints, until } = answer;
  await until;
  if (breaks || raw !== undefined) {
    response.socket?.end(Buffer.from(raw ?? '', 'latin1'));
    return;
  }
  if (hints) response.writeEarlyHints({ link: hints });
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) response.setHeader(name, value);
    else if (name === 'Date') response.sendDate = false;
  }
  const bodiless = BODILESS.has(status);
  if (!bodiless && !chunked && !response.hasHeader('Content-Length')) {
    response.setHeader('Content-Length', Buffer.byteLength(body));
  }
  response.end(bodiless ? undefined : body);
}
