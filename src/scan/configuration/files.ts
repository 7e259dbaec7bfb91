import { fileNameOf } from './paths.ts';

type FileKind = 'dockerfile' | 'compose';

/** Endings of files that are named after a Dockerfile but are none: templates, scripts, notes, ignore files. */
const OTHER_ENDINGS = new Set(
  'md rst txt adoc html htm json yml yaml toml xml ini cfg conf go py js mjs cjs ts tsx rb rs java kt cs php sh bash ps1 bat cmd sql lock sum dockerignore containerignore template templ tmpl tpl j2 jinja jinja2 erb ejs mustache hbs handlebars in m4 tt liquid gotmpl png svg jpg gif pdf swp swo swn orig rej bak old patch diff sig asc sha256 license tmlanguage snap log gz zip'.split(
    ' ',
  ),
);

/**
 * What a file is, by its name. Dockerfiles: `Dockerfile`, `Containerfile`, either with an ending or a word behind
 * `.`, `-` or `_`, and `NAME.dockerfile`, `NAME.containerfile`. Compose files: `compose.yml`, `docker-compose.yml`,
 * `podman-compose.yml`, `.yaml` too, and their variants `compose.prod.yml`, `docker-compose-dev.yml`. Upper and
 * lower case are the same, since builders try `dockerfile` too and file systems differ.
 */
export function kindOfFile(path: string): FileKind | null {
  const name = fileNameOf(path).toLowerCase();
  if (name.endsWith('.dockerfile') || name.endsWith('.containerfile')) return 'dockerfile';
  const file = /^(?:docker|container)file(?:[._-](.*))?$/u.exec(name);
  if (file !== null) {
    const ending = file[1];
    if (ending === undefined) return 'dockerfile';
    if (ending === '' || ending.endsWith('~')) return null;
    return OTHER_ENDINGS.has(ending.slice(ending.lastIndexOf('.') + 1)) ? null : 'dockerfile';
  }
  if (/^(?:docker-|podman-)?compose(?:[._-].*)?\.ya?ml$/u.test(name)) return 'compose';
  return null;
}
