import type { Stage } from '../model/stage.ts';

/** Endings of languages that analysers or people read for weaknesses; of GitHub's linguist those of type programming. */
const SOURCE = new Set(
  `abap ada adb ads apex asm asp aspx awk bas bash bat c c++ cbl cc cfm cjs clj cljc cljs cls cmd cob coffee cpp cr cs
  cshtml cts cu cxx d dart dpr el elm erb erl ex exs f90 fish fs fsx go gradle groovy h haml hbs hh hpp hrl hs hx inl
  ipynb j2 java jl js jsp jspx jsx kt kts lisp lua m mjs ml mli mm move mts nim nix pas php phtml pl pm prc ps1 psm1 py
  pyi pyw pyx r rake razor rb rego rkt rs sc scala scm sh sol sql sv svelte swift tcl tf ts tsx twig v vb vbs vhd vue
  wat zig zsh`.split(/\s+/u),
);

/** A file of source code, by its ending. One that is minified is code too: something may hide in it. */
export function isSource(path: string): boolean {
  const dot = path.lastIndexOf('.');
  return dot !== -1 && SOURCE.has(path.slice(dot + 1).toLowerCase());
}

/**
 * What a stage is for, by file name, where no engine of ours is asked: whether `when-present` may pass although
 * nothing was scanned. A stage that is not listed is always taken to be present.
 */
export const presentIn: Partial<Record<Stage, (path: string) => boolean>> = {
  code: isSource,
  workflows: (path) =>
    /^\.github\/workflows\/[^/]+\.ya?ml$/u.test(path) || /(?:^|\/)action\.ya?ml$/u.test(path),
};
