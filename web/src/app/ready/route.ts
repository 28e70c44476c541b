import { checkReadiness } from '../../api/readiness';

export const dynamic = 'force-dynamic';

/** Whether pages can be made: without the gateway there is nothing to show. */
export async function GET() {
  const readiness = await checkReadiness();
  const status = readiness.status === 'unavailable' ? 503 : 200;
  return Response.json(readiness, { status, headers: { 'Cache-Control': 'no-store' } });
}
