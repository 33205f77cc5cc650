// Recipes as `init` offers them: the connection that stands in the comment of a recipe, with an address and secrets of one's own.
import { dirname, join } from 'node:path';
import { BUNDLED_CONFIG } from './config-path.ts';
import type { Files } from './core/files.ts';
import { DOCUMENT_BYTES_MAX } from './document.ts';
import { type Draft, type SecretGiven, secretsOfDraft } from './init-draft.ts';

/** The rules that come with the program. */
export const SHIPPED_RULES = join(dirname(BUNDLED_CONFIG), 'rules');
const FOLDER = 'recipes';

export type Recipe = {
  /** The name of its file, without its end. */
  name: string;
  connection: string;
  settings: Record<string, unknown>;
  /** Names of its secrets, as its comment refers to them. */
  secrets: string[];
  /** Whether its address is an example, which must be replaced. */
  needsUrl: boolean;
};

const BLOCK = /^\/\/ ```json\n((?:\/\/ .*\n)+)\/\/ ```$/m;
/** Names and networks that are nobody's (RFC 2606), or somebody's own. */
const EXAMPLE_URL =
  /^https?:\/\/(?:[^/]*\.)?(?:example\.(?:com|net|org)|example\.[a-z.]+|192\.168\.\d+\.\d+)(?=[:/]|$)/;
const PRIVATE_LITERAL = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)\d+\.\d+(?:\.\d+)?$/;

/** All recipes that bring a connection along, by name. Rejects with a FileError. */
export async function readRecipes(files: Pick<Files, 'list' | 'read'>): Promise<Recipe[]> {
  const names = (await files.list(join(SHIPPED_RULES, FOLDER))).filter((name) => name.endsWith('.jsonc'));
  const recipes = names.map(async (name) => {
    const { text } = await files.read(join(SHIPPED_RULES, FOLDER, name), DOCUMENT_BYTES_MAX);
    return recipeOf(name.replace(/\.jsonc$/, ''), text);
  });
  return (await Promise.all(recipes)).filter((recipe) => recipe !== undefined);
}

function recipeOf(name: string, text: string): Recipe | undefined {
  const block = BLOCK.exec(text)?.[1]?.replace(/^\/\/ /gm, '');
  if (block === undefined) return undefined;
  const [[connection, settings] = []] = Object.entries(JSON.parse(block) as Record<string, Record<string, unknown>>);
  if (connection === undefined || settings === undefined) return undefined;
  const secrets: string[] = [];
  mapReferences(settings, (reference) => {
    secrets.push(reference);
    return undefined;
  });
  const { url } = settings;
  return { name, connection, settings, secrets, needsUrl: typeof url === 'string' && EXAMPLE_URL.test(url) };
}

export type RecipeAnswers = { url?: string | undefined; secrets: Readonly<Record<string, SecretGiven>> };

/** A secret that is not given stays as the recipe refers to it. */
export function recipeDraft(recipe: Recipe, { url, secrets: given }: RecipeAnswers): Draft {
  const { secrets, refer } = secretsOfDraft();
  const settings = mapReferences(recipe.settings, (name) =>
    given[name] === undefined ? undefined : refer(name, given[name]),
  ) as Record<string, unknown>;
  if (url !== undefined) {
    settings.url = url;
    // Whoever writes an address of the own network means it.
    delete settings.allowPrivate;
    const host = URL.canParse(url) ? new URL(url).hostname : '';
    if (PRIVATE_LITERAL.test(host)) settings.allowPrivate = [`${host}/32`];
  }
  return { name: recipe.connection, settings, secrets, rules: [`${FOLDER}/${recipe.name}.jsonc`] };
}

/** A copy in which references for which `change` has something else are that. */
function mapReferences(value: unknown, change: (name: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapReferences(item, change));
  if (typeof value !== 'object' || value === null) return value;
  const [[key, name] = [], ...others] = Object.entries(value);
  if (others.length === 0 && (key === 'env' || key === 'file') && typeof name === 'string')
    return change(name) ?? value;
  return Object.fromEntries(Object.entries(value).map(([inner, of]) => [inner, mapReferences(of, change)]));
}
