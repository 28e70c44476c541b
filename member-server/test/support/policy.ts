/** Everybody who may knock. The owner is the member whose things a request is about. */
export const CALLERS = [
  'nobody',
  'a guest',
  'the owner',
  'another member',
  'a seller',
  'an administrator',
  'auth-server',
  'queue-server',
  'a server that means another one',
] as const;
export type Caller = (typeof CALLERS)[number];

/** The status that each caller is answered with. */
export type Answers = Record<Caller, number>;

const refused: Answers = {
  nobody: 401,
  'a guest': 403,
  'the owner': 403,
  'another member': 403,
  'a seller': 403,
  'an administrator': 403,
  'auth-server': 403,
  'queue-server': 403,
  'a server that means another one': 401,
};

const members = (owner: number, others: number): Answers => ({
  ...refused,
  'the owner': owner,
  'another member': others,
  'a seller': others,
  'an administrator': others,
});

/** Every member about their own things: the path names no owner. */
export const ofOneself = (status: number): Answers => members(status, status);
/** The path names a thing: for everybody but its owner it does not exist. */
export const ofTheOwner = (status: number): Answers => members(status, 404);
/** Every visitor about their own things. */
export const ofVisitors = (status: number): Answers => ({ ...ofOneself(status), 'a guest': status });
export const ofAdministrators = (status: number): Answers => ({ ...refused, 'an administrator': status });
export const ofAuthServer = (status: number): Answers => ({ ...refused, 'auth-server': status });
export const ofQueueServer = (status: number): Answers => ({ ...refused, 'queue-server': status });

/** Whom an operation lets change what is the owner's. */
export const mayTouch = (caller: Caller, answers: Answers): boolean => {
  if (caller === 'the owner') return answers[caller] < 400;
  const aboutOthers = answers['the owner'] === 403;
  return aboutOthers && answers[caller] < 400;
};
