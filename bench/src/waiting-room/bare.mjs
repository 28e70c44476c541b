import fastify from 'fastify';

/** What Fastify does by itself: one route with a fixed answer. `node bare.mjs <port> <answer>` */
const [port, answer = ''] = process.argv.slice(2);
const body = JSON.parse(answer);
const app = fastify();
app.get('/api/queue/:eventId/status', async () => body);
await app.listen({ host: '127.0.0.1', port: Number(port) });
