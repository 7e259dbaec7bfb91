import { readPlainRange } from '../comparators.ts';
import { defineScheme } from '../version.ts';
import { compareSemver, readSemver } from './semver-key.ts';

const V = 118;

/**
 * Semantic Versioning 2.0.0, for ecosystems that publish by it and have no order of their own. A `v` before the
 * number is let pass, as in tags. A moving tag such as `v4` is no version: nobody can say which one it means.
 */
export const semver = defineScheme({
  name: 'semver',
  purlTypes: ['swift', 'github', 'githubactions', 'julia', 'bitnami', 'vscode-extension'],
  osvEcosystems: ['SwiftURL', 'GitHub Actions', 'Julia', 'Bitnami', 'VSCode'],
  expected: 'MAJOR.MINOR.PATCH with an optional pre-release and build, as semver.org describes',
  read: (text) => readSemver(text, text.charCodeAt(0) === V ? 1 : 0),
  compare: compareSemver,
  nativeRange: readPlainRange,
});
