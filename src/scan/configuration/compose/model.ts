import type { Problem } from '../../../model/error.ts';
import type { SourceText, Span } from '../text.ts';
import type { YamlEntry, YamlMap, YamlNode } from './yaml.ts';

export interface Service {
  name: string;
  nameSpan: Span;
  node: YamlMap;
  image: YamlEntry | null;
  build: Build | null;
  /** Continues a service that stands elsewhere, so what is missing here may be there. */
  extends: boolean;
  /** Neither image nor build: an override of a service of another file. */
  partial: boolean;
}

export interface Build extends Span {
  context: string;
  dockerfile: string | null;
  target: string | null;
  args: YamlNode | null;
  inline: { text: string; node: YamlNode } | null;
}

/** Another file that this one takes in by `include` or `extends`. */
export interface Reference extends Span {
  path: string;
  kind: 'include' | 'extends' | 'env_file';
}

export interface ComposeComment extends Span {
  line: number;
  text: string;
  /** Something other than the comment stands on the line. */
  trailing: boolean;
}

export interface ComposeFile {
  source: SourceText;
  services: Service[];
  references: Reference[];
  comments: ComposeComment[];
  problems: Problem[];
}
