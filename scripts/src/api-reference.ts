/** The part of an OpenAPI document that the reference shows. */
interface Media {
  schema?: object;
  example?: unknown;
}
interface Operation {
  summary: string;
  description?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: {
    name: string;
    in: string;
    required?: boolean;
    description?: string;
    schema?: { type?: string; enum?: unknown[]; default?: unknown; description?: string };
  }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description: string; content?: Record<string, Media> }>;
}
export interface ApiDocument {
  info: { title: string; description: string };
  paths: Record<string, Record<string, Operation>>;
}

/** What every server has is told once, in the architecture. */
const OPERATIONS = 'operations';

/** One server's endpoints as a Markdown page: who may call, what is sent, what is answered. */
export function renderApi({ info, paths }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
  const own = operations.filter(({ operation }) => !operation.tags?.includes(OPERATIONS));
  return [
    `# ${info.title}`,
    info.description,
    'Made of the server\u2019s own OpenAPI document by `npm run docs:api`; do not edit.',
    ...own.map(({ name, operation }) => renderOperation(name, operation)),
  ]
    .join('\n\n')
    .concat('\n');
}

function renderOperation(name: string, operation: Operation): string {
  const { summary, description, security, parameters = [], requestBody, responses } = operation;
  return [
    `## ${name}`,
    `${summary}.${description ? ` ${description}` : ''}`,
    `Credential: ${credential(security)}.`,
    ...(parameters.length > 0 ? [parameters.map(renderParameter).join('\n')] : []),
    ...(requestBody ? [`Body:\n\n${renderContent(requestBody.content)}`] : []),
    ...Object.entries(responses)
      .filter(([status]) => Number(status) < 400)
      .map(([status, answer]) =>
        [`${status} ${answer.description}`, renderContent(answer.content)].join('\n\n').trim(),
      ),
    renderProblems(responses),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const credential = (security: Operation['security'] = []): string =>
  security
    .flatMap((entry) => Object.keys(entry))
    .map((scheme) => (scheme === 'basic' ? 'Basic (a first-party client)' : 'Bearer (an access token)'))
    .join(' or ') || 'none';

function renderParameter({
  name,
  in: place,
  required,
  description,
  schema = {},
}: NonNullable<Operation['parameters']>[number]): string {
  const { type, enum: values, default: fallback } = schema;
  const facts = [
    place,
    values ? values.map((value) => `\`${value}\``).join(', ') : type,
    required ? 'required' : undefined,
    fallback === undefined ? undefined : `default \`${fallback}\``,
    description ?? schema.description,
  ];
  return `- \`${name}\`: ${facts.filter((fact) => fact !== undefined).join('; ')}`;
}

function renderContent(content: Record<string, Media> = {}): string {
  const [entry] = Object.entries(content);
  if (!entry) return '';
  const [type, { example }] = entry;
  return type === 'application/json'
    ? `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``
    : `A body of ${type}.`;
}

function renderProblems(responses: Operation['responses']): string {
  const problems = Object.entries(responses).filter(([status]) => Number(status) >= 400);
  return problems.length > 0
    ? `Problems:\n\n${problems.map(([status, { description }]) => `- ${status} ${description}`).join('\n')}`
    : '';
}
