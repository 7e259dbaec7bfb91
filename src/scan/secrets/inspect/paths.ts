/** What a path says about the file. */
export interface PathKind {
  /** Tests, fixtures, mocks: what stands there is usually made up. */
  test: boolean;
  /** Examples, samples, documentation. */
  example: boolean;
  /** Written by a tool from hashes: lockfiles, source maps, checksums. */
  generated: boolean;
  /** Holds assignments without quotes: `.env`, `.properties`, YAML and their like. */
  config: boolean;
}

const TEST =
  /(?:^|[/._-])(?:tests?|specs?|__tests__|__mocks__|fixtures?|testdata|mocks?|stubs?|e2e|cypress|testing|unittests?)(?=[/._-]|$)|(?:^|\/)[a-z][A-Za-z]*(?:Test|TestFixtures)\/|(?:^|\/)test_[^/]*$|[a-z0-9](?:Test|Tests|Spec|IT|TestCase)\.[a-z]+$/u;
const EXAMPLE =
  /(?:^|[/._-])(?:examples?|samples?|demos?|docs?|documentation|templates?|dist-info|tutorials?|snippets?|readme|changelog|playground)(?=[/._-]|$)|\.(?:mdx?|rst|adoc|tpl|tmpl|sample|dist|pot?)$/iu;
const GENERATED =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|composer\.lock|gemfile\.lock|cargo\.lock|poetry\.lock|pipfile\.lock|uv\.lock|pdm\.lock|go\.sum|go\.work\.sum|mix\.lock|pubspec\.lock|podfile\.lock|packages\.lock\.json|project\.assets\.json|gradle\.lockfile|verification-metadata\.xml|package\.resolved|flake\.lock|cartfile\.resolved|modules\.txt|\.terraform\.lock\.hcl|requirements[^/]*\.txt)$|\.(?:map|lock|sum|sha\d+|md5|asc|sig|svg|snap|ipynb_checkpoints|pbxproj|refactorlog|xliff?|resx)$|(?:^|\/)(?:node_modules|bower_components|vendor|third_party|site-packages)\//iu;
const CONFIG =
  /(?:^|\/)(?:\.env[^/]*|[^/]*\.env|dockerfile[^/]*|containerfile[^/]*|\.[a-z]+rc|credentials|config|[^/]*\.(?:properties|ini|cfg|conf|cnf|toml|ya?ml|tfvars|auto\.tfvars|env|envrc|service|sh|bash|zsh|ps1|bat|cmd|config|npmrc|pypirc|hcl|tf|nomad|plist|desktop|inf|reg))$/iu;

/** `path` with `/` between its parts. */
export function pathKind(path: string): PathKind {
  const bounded = path.slice(-1000);
  return {
    test: TEST.test(bounded),
    example: EXAMPLE.test(bounded),
    generated: GENERATED.test(bounded),
    config: CONFIG.test(bounded),
  };
}
