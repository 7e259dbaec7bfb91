import { renderTable } from './table.ts'; import { renderJson } from './json.ts';
export interface Format { name: string; extension: string; render(r: any, o: any): Iterable<string> }
export const formats: Format[] = [{name:'table',extension:'txt',render:renderTable},{name:'json',extension:'json',render:renderJson}];
