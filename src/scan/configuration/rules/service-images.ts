import { interpolate } from '../compose/interpolate.ts';
import type { ComposeFile, Service } from '../compose/model.ts';
import { textOf } from '../compose/yaml.ts';
import { type ImageReference, parseImage } from '../image.ts';
import { folderOf } from '../paths.ts';
import type { ComposeContext } from '../rule.ts';
import type { Span } from '../text.ts';

interface ServiceImage {
  service: Service;
  /** As written, with what `.env` makes of it where that is something else. */
  text: string;
  /** Null where it is no reference or depends on a variable without a default. */
  image: ImageReference | null;
  /** Names of variables that are not known here. */
  unknown: string[];
  at: Span;
}

/** The images that services start and do not build; `image` beside `build` only names the result. */
export function serviceImages(file: ComposeFile, { tree }: ComposeContext): ServiceImage[] {
  const environment = tree.environment(folderOf(file.source.path));
  return file.services.flatMap((service) => {
    const text = textOf(service.image?.value);
    if (service.image === null || text === null || service.build !== null) return [];
    const { value, unknown } = interpolate(text, environment);
    const { start, end } = service.image.value;
    const shown = value === text || unknown.length > 0 ? text : `${text} (${value})`;
    return [
      {
        service,
        text: shown,
        unknown,
        image: unknown.length > 0 ? null : parseImage(value),
        at: { start, end },
      },
    ];
  });
}
