import { callerId } from '@doa-market/common/server';
import type { FastifyRequest } from 'fastify';

/** Who writes the catalogue: a seller what is their own, an administrator everything. */
export interface Editor {
  id: string;
  /** Null for administrators: what they make belongs to the market itself. */
  sellerId: string | null;
}

/** @throws {ProblemError} 401 */
export function editorOf(request: FastifyRequest): Editor {
  const id = callerId(request);
  return { id, sellerId: request.caller?.role === 'ADMIN' ? null : id };
}

/** The editor that a caller of any role is; undefined for those who write nothing. */
export function editorAmong(request: FastifyRequest): Editor | undefined {
  const role = request.caller?.role;
  return role === 'SELLER' || role === 'ADMIN' ? editorOf(request) : undefined;
}

export const mayEdit = (editor: Editor | undefined, { sellerId }: { sellerId: string | null }): boolean =>
  editor !== undefined && (editor.sellerId === null || editor.sellerId === sellerId);
