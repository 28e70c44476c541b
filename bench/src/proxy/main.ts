import { cold } from './cold.ts';
import { expiry } from './expiry.ts';
import { hit } from './hit.ts';
import { pass } from './pass.ts';
import { soak } from './soak.ts';

/** `npm run proxy -w bench [-- name...]`: what the proxy is worth, one file per question. */
const QUESTIONS = { hit, pass, cold, expiry, soak };

const isQuestion = (name: string): name is keyof typeof QUESTIONS => Object.hasOwn(QUESTIONS, name);

const named = process.argv.slice(2);
const unknown = named.filter((name) => !isQuestion(name));
if (unknown.length > 0)
  throw new Error(`no such question: ${unknown.join(', ')} (${Object.keys(QUESTIONS).join(', ')})`);

for (const [name, measure] of Object.entries(QUESTIONS)) {
  if (named.length === 0 || named.includes(name)) await measure();
}
