import type { Place } from './location.ts';

/** CycloneDX `component.type` values that we make; others are kept as they were read. */
export type ComponentType = 'library' | 'application' | 'container' | 'framework' | 'file' | (string & {});

/** Why a component is there. `unknown` where the source does not tell. */
export const scopes = ['runtime', 'development', 'optional', 'test', 'unknown'] as const;
export type Scope = (typeof scopes)[number];

/** One part of a service. */
export interface Component {
  /** Unique in its Bom; a purl where there is one (CycloneDX `bom-ref`). */
  ref: string;
  type: ComponentType;
  group?: string | undefined;
  name: string;
  version?: string | undefined;
  purl?: string | undefined;
  /** SPDX expressions or licence names, as the source states them. */
  licenses: string[];
  hashes: { algorithm: string; content: string }[];
  scope: Scope;
  /** Named by the service itself, not only brought by another component. Null where unknown. */
  direct: boolean | null;
  /** Where it is declared or locked. */
  places: Place[];
  /** Why its version, or what it needs, could not be told without a network. Absent where nothing is missing. */
  unresolved?: string | undefined;
  /** Runs a program of its own when it is installed; absent where unknown. */
  installScripts?: boolean | undefined;
  /** Its authors call it deprecated; absent where unknown. */
  deprecated?: boolean | undefined;
  /** When it was released, RFC 3339 in UTC, as the source says; absent where unknown. */
  released?: string | undefined;
  /** Which reader it came from: `Dockerfile`, `package-lock.json`, a tool's name. */
  origin?: string | undefined;
  /** Fields of the standard form that the model does not name; written back as they were. */
  rest?: Record<string, unknown> | undefined;
}

/** A bill of materials: components, who needs whom, and where the walk begins. */
export interface Bom {
  components: Component[];
  /** `ref` of a component to the refs that it depends on. A ref without an entry has unknown dependencies. */
  edges: Record<string, string[]>;
  /** Refs of the roots: the services themselves. */
  roots: string[];
  /** Fields of the standard form that the model does not name; written back as they were. */
  rest?: Record<string, unknown> | undefined;
}
