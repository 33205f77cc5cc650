// Where a value may stand in an author's HTML: the places that the HTML encoder makes safe, and no others.

/** Stands for one `{{ … }}` while the HTML is read: a private-use character, which no author writes. */
const VALUE = '\uE000';

const PIECE = /<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1\s*>|<\/?[a-z](?:"[^"]*"|'[^']*'|[^"'>])*>/gi;
const QUOTED_ATTRIBUTE = /([^\s"'>/=]+)\s*=\s*("[^"]*"|'[^']*')/g;
const CODE_ATTRIBUTE = /^(?:on.*|style|srcdoc|srcset)$/i;
const URL_ATTRIBUTE = /^(?:href|src|action|formaction|background|poster|cite|data|xlink:href)$/i;
/** Scheme and host are the author's; a value comes after them. */
const FIXED_START = /^\s*(?:https?:\/\/[^/\uE000]+[/?#]|(?:mailto|tel|sip|sips):)/i;

/** What is wrong with the places of the values in a template of HTML: one text each, empty if all of them are safe. */
export function misplacedValues(template: string): string[] {
  const html = template.replace(/\{%[\s\S]*?%\}/g, '').replace(/\{\{[\s\S]*?\}\}/g, VALUE);
  const problems: string[] = [];
  const rest = html.replace(PIECE, (piece, element: string | undefined) => {
    if (!piece.includes(VALUE) || piece.startsWith('<!--')) return '';
    if (element !== undefined) problems.push(`a value stands inside <${element.toLowerCase()}>`);
    else problems.push(...misplacedInTag(piece));
    return '';
  });
  const open = rest.search(/<[a-z/!?\uE000]/i);
  if (open >= 0 && rest.includes(VALUE, open)) problems.push('a value stands behind a tag that is not closed');
  return problems;
}

function misplacedInTag(tag: string): string[] {
  const problems: string[] = [];
  const outside = tag.replace(QUOTED_ATTRIBUTE, (_whole, name: string, quoted: string) => {
    const value = quoted.slice(1, -1);
    if (name.includes(VALUE)) problems.push('a value stands in the name of an attribute');
    if (!value.includes(VALUE)) return '';
    if (CODE_ATTRIBUTE.test(name)) problems.push(`a value stands in the attribute ${name}`);
    if (URL_ATTRIBUTE.test(name) && !FIXED_START.test(value))
      problems.push(`the address in ${name} does not start with a scheme and host of your own`);
    return '';
  });
  if (outside.includes(VALUE)) problems.push('a value stands inside a tag, but not in a quoted attribute');
  return problems;
}
