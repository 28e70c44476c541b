import { loadConfig } from '@doa-market/common/config';
import { hash } from '@node-rs/argon2';
import { ConfigSchema } from '../../src/config.ts';
import { createDatabase } from '../../src/database.ts';
import { createMemberRepository } from '../../src/member/repository.ts';
import { createPersonalData } from '../../src/personal-data/index.ts';
import { protectPersonalData } from '../../src/personal-data/protect.ts';

/** The demo accounts of a development shop; a production database gets none. */
const DEMO_MEMBERS = [
  { email: 'demo@doa.market', name: '김도아', role: 'MEMBER', password: 'doa-market-demo' },
  { email: 'seller@doa.market', name: '이판매', role: 'SELLER', password: 'doa-market-seller' },
  { email: 'admin@doa.market', name: '운영자', role: 'ADMIN', password: 'doa-market-admin' },
] as const;

/** OWASP's parameters for Argon2id: 19 MiB, two passes, one lane. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const config = loadConfig(ConfigSchema, process.env);
if (config.NODE_ENV === 'production') throw new Error('demo accounts do not belong into production');
const database = createDatabase(config.DATABASE_URL);
const personalData = createPersonalData(config);
const members = createMemberRepository(database, personalData);

try {
  await protectPersonalData(database, personalData);
  for (const { password, ...member } of DEMO_MEMBERS) {
    if (await members.findByEmail(member.email)) continue;
    await members.create({ ...member, emailVerified: true, passwordHash: await hash(password, ARGON2ID) });
  }
  process.stdout.write(`there are ${await database.member.count()} members\n`);
} finally {
  await database.$disconnect();
}
