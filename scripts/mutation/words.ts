/**
 * Leaves out of mutation what only says something to people: the texts of errors and problems, whose code decides, and
 * the place that they name. A plugin of Stryker's.
 */
const SAID = new Set(['message', 'expected', 'found', 'next']);

interface Property {
  key?: { type: string; name?: string };
}
interface Path {
  isObjectProperty(): boolean;
  node: Property;
  parent: { properties?: readonly Property[] };
}

const named = ({ key }: Property, name: string): boolean => key?.type === 'Identifier' && key.name === name;

function isSaid({ node, parent }: Path): boolean {
  const ofProblem = parent.properties?.some((one) => named(one, 'code')) === true;
  return [...SAID].some((name) => named(node, name)) || (ofProblem && named(node, 'place'));
}

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'words',
    value: {
      shouldIgnore: (path: Path): string | undefined =>
        path.isObjectProperty() && isSaid(path)
          ? 'said to people; what is decided does not hang on it'
          : undefined,
    },
  },
];
