// @ts-nocheck
import type { Edit } from "../../model/finding.ts"; export function applyEdits(t: string, e: Edit[]): string { return t }
