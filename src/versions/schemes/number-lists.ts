import { readPlainRange } from '../comparators.ts';
import { compareIntegerLists, type Integer, readInteger } from '../integer.ts';
import { defineScheme } from '../version.ts';

/**
 * Whole numbers with dots (vers types, `intdot`): what follows the first other character takes no part. A shorter
 * list is older than a longer one that it begins.
 */
export const intdot = defineScheme<readonly Integer[]>({
  name: 'intdot',
  expected: 'whole numbers with dots',
  read(text) {
    const match = /^\d+(?:\.\d+)*/u.exec(text);
    return match === null ? null : match[0].split('.').map(readInteger);
  },
  compare: compareIntegerLists,
  nativeRange: readPlainRange,
});

/** R packages (R documentation, `package_version`): numbers with dots or dashes. */
export const cran = defineScheme<readonly Integer[]>({
  name: 'cran',
  purlTypes: ['cran'],
  osvEcosystems: ['CRAN', 'Bioconductor'],
  expected: 'whole numbers with dots or dashes',
  read: (text) => (/^\d+(?:[.-]\d+)*$/u.test(text) ? text.split(/[.-]/u).map(readInteger) : null),
  compare: compareIntegerLists,
  nativeRange: readPlainRange,
});

/** Haskell packages (https://pvp.haskell.org): numbers with dots. */
export const hackage = defineScheme<readonly Integer[]>({
  name: 'hackage',
  purlTypes: ['hackage'],
  osvEcosystems: ['Hackage', 'GHC'],
  expected: 'whole numbers with dots',
  read: (text) => (/^\d+(?:\.\d+)*$/u.test(text) ? text.split('.').map(readInteger) : null),
  compare: compareIntegerLists,
  nativeRange: readPlainRange,
});
