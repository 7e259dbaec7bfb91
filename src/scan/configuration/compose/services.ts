import type { Expanded } from '../dockerfile/variables.ts';
import type { Span } from '../text.ts';
import { interpolate } from './interpolate.ts';
import type { Service } from './model.ts';
import { entryOf, scalarsOf, textOf, type YamlNode, type YamlScalar } from './yaml.ts';

/** A variable that a service is given, from the map or the list form of `environment` or `build.args`. */
interface Variable extends Span {
  name: string;
  /** As written; null where the value comes from outside. */
  text: string | null;
  /** With defaults of interpolation put in. */
  value: Expanded | null;
}

/** Variables of a node in map form (`NAME: value`) or list form (`- NAME=value`). */
export function variablesOf(node: YamlNode | null | undefined): Variable[] {
  if (node?.kind === 'map') {
    return node.entries.map(({ key, keySpan, value }) => {
      const text = textOf(value);
      const span = text === null ? keySpan : { start: keySpan.start, end: Math.max(keySpan.end, value.end) };
      return { name: key, text, value: text === null ? null : interpolate(text), ...span };
    });
  }
  return scalarsOf(node?.kind === 'sequence' ? node : null).flatMap(({ text, start, end }) => {
    if (text === null) return [];
    const equals = text.indexOf('=');
    const name = equals === -1 ? text : text.slice(0, equals);
    const given = equals === -1 ? null : text.slice(equals + 1);
    return [{ name, text: given, value: given === null ? null : interpolate(given), start, end }];
  });
}

export interface Mount extends Span {
  source: string;
  target: string;
  readOnly: boolean;
}

/** The mounts of a service that name a source, in both forms. */
export function mountsOf(service: Service): Mount[] {
  const volumes = entryOf(service.node, 'volumes')?.value;
  if (volumes?.kind !== 'sequence') return [];
  return volumes.items.flatMap((item): Mount[] => {
    const { start, end } = item;
    if (item.kind === 'map') {
      const source = textOf(entryOf(item, 'source')?.value) ?? textOf(entryOf(item, 'src')?.value);
      if (source === null) return [];
      const target = textOf(entryOf(item, 'target')?.value) ?? '';
      const readOnly = textOf(entryOf(item, 'read_only')?.value) === 'true';
      return [{ source: interpolate(source).value, target, readOnly, start, end }];
    }
    const text = textOf(item);
    if (text === null) return [];
    const [source, target, mode] = interpolate(text).value.split(/:(?![\\/]{2})/u);
    if (source === undefined || target === undefined) return [];
    return [{ source, target, readOnly: mode?.split(',').includes('ro') === true, start, end }];
  });
}

interface PublishedPort extends Span {
  /** Port in the container. */
  target: number;
  /** Null: all interfaces. */
  hostAddress: string | null;
  /** The scalar, where the short form was used. */
  scalar: YamlScalar | null;
}

/** The ports that a service publishes at a fixed port of the host. Ranges are left out. */
export function portsOf(service: Service): PublishedPort[] {
  const ports = entryOf(service.node, 'ports')?.value;
  if (ports?.kind !== 'sequence') return [];
  return ports.items.flatMap((item): PublishedPort[] => {
    const { start, end } = item;
    if (item.kind === 'map') {
      const target = Number(textOf(entryOf(item, 'target')?.value) ?? Number.NaN);
      if (entryOf(item, 'published') === null || !Number.isInteger(target)) return [];
      const address = textOf(entryOf(item, 'host_ip')?.value);
      return [{ target, hostAddress: address, scalar: null, start, end }];
    }
    const text = textOf(item);
    if (text === null || item.kind !== 'scalar') return [];
    const match = /^(?:(\[[0-9a-fA-F:.]+\]|[^:]+):)?([^:]*):([0-9]+)(?:\/\w+)?$/u.exec(
      interpolate(text).value,
    );
    if (match === null) return [];
    return [{ target: Number(match[3]), hostAddress: match[1] ?? null, scalar: item, start, end }];
  });
}

/** Whether an address is one that other machines reach. A variable could be anything. */
export function isEveryInterface(address: string | null): boolean {
  return (
    address === null || address === '0.0.0.0' || address === '[::]' || address === '::' || address === ''
  );
}

/** A service with something in it, as fingerprints know it. */
export function serviceContext({ name }: Service, what: string): string {
  return `service ${name} ${what}`;
}

/** The text of a node with interpolation, lower case, for comparing with words of the specification. */
export function wordOf(node: YamlNode | null | undefined): string | null {
  const text = textOf(node);
  return text === null ? null : interpolate(text).value.trim().toLowerCase();
}
