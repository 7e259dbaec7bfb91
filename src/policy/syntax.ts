import type { ASTNode } from '@marcbachmann/cel-js';

/** The nodes right below one, in order. */
export function children(node: ASTNode): ASTNode[] {
  const found: ASTNode[] = [];
  const take = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) take(item);
    else if (isNode(value)) found.push(value);
  };
  take(node.args);
  return found;
}

export function walk(node: ASTNode, visit: (node: ASTNode) => void): void {
  visit(node);
  for (const child of children(node)) walk(child, visit);
}

/** The method called by a node (`a.f(b)`), with its arguments. */
export function method(node: ASTNode): { name: string; args: ASTNode[] } | null {
  if (node.op !== 'rcall') return null;
  const [name, , args] = node.args as [string, ASTNode, ASTNode[]];
  return { name, args };
}

/**
 * The fields of `variable` that an expression reads (`variable.field`), sorted; null where it uses the variable in any
 * other way, so that nobody can tell.
 */
export function fieldsRead(ast: ASTNode, variable: string): string[] | null {
  const fields = new Set<string>();
  const known = (node: ASTNode): boolean => {
    if (node.op === 'id') return node.args !== variable;
    if (node.op === '.') {
      const [holder, field] = node.args as [ASTNode, string];
      if (holder.op === 'id' && holder.args === variable) {
        fields.add(field);
        return true;
      }
    }
    return children(node).every(known);
  };
  return known(ast) ? [...fields].sort() : null;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
