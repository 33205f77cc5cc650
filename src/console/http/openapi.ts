// The API's description (OpenAPI 3.1), made from the routes: what they are asked, by whom, and what they answer.
import { z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import type { ApiRoute } from './route.ts';

type Tree = { [key: string]: Json };

const PROBLEMS: Tree = {
  type: 'object',
  required: ['error'],
  properties: { error: { type: 'object', properties: { problems: { type: 'array', items: { type: 'string' } } } } },
};

const refusal = (description: string): Tree => ({
  description,
  content: { 'application/json': { schema: PROBLEMS } },
});

/** The whole description as one JSON value. */
export function openApiOf(routes: readonly ApiRoute[], version: string): Json {
  const paths: { [path: string]: Tree } = {};
  for (const route of routes) {
    const path = route.path.replace(/:([A-Za-z]+)(?:\{[^}]*\})?/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Hookswitch admin API', version },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of `hookswitch console token`.' },
      },
    },
    security: [{ token: [] }],
    paths,
  };
}

function operationOf(route: ApiRoute): Tree {
  const names = [...route.path.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => name as string);
  const inPath = names.map((name): Json => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const query = route.query === undefined ? undefined : schemaOf(route.query);
  const properties = (query?.properties ?? {}) as { [name: string]: Tree };
  const required = (query?.required ?? []) as string[];
  const inQuery = Object.entries(properties).map(([name, schema]): Json => {
    const { description, ...rest } = schema;
    const said = description === undefined ? {} : { description };
    return { name, in: 'query', required: required.includes(name), schema: rest, ...said };
  });
  return {
    summary: route.summary,
    description: `Needs the role \`${route.role}\`.`,
    parameters: [...inPath, ...inQuery],
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body) } } } }),
    responses: {
      200: {
        description: 'Done.',
        ...(route.answer === undefined ? {} : { content: { 'application/json': { schema: schemaOf(route.answer) } } }),
      },
      400: refusal('Something in the question is wrong.'),
      401: refusal('Nobody is logged in, and no token came.'),
      403: refusal('The role is not enough.'),
    },
  };
}

/** What goes in, as JSON Schema; a check that no schema can say is left out. */
function schemaOf(schema: ApiRoute['query'] & object): Tree {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as unknown as Tree;
}
