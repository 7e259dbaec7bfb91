import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../src/deliver/metrics/prometheus.ts';
import {
  growth,
  type Instances,
  instancesOf,
  newest,
  type Series,
} from '../../../src/deliver/metrics/series.ts';
import { SallyportError } from '../../../src/model/error.ts';

const series = (samples: [number, number][], instance = 'a', key = instance): Series => ({
  key,
  instance,
  samples,
});
const nobody: Instances = { seenBefore: new Set(), startedAt: new Map() };

describe('growth of counters', () => {
  it('is counted from the sample before the window, in pieces without loss', () => {
    const one = [
      series([
        [0, 100],
        [5, 103],
        [10, 110],
        [15, 111],
        [20, 130],
      ]),
    ];
    expect(growth(one, 5, 15, nobody)).toBe(8);
    expect(growth(one, 0, 20, nobody)).toBe(30);
    expect(growth(one, 0, 10, nobody) + growth(one, 10, 20, nobody)).toBe(30);
  });

  it('takes a fall as a new beginning at zero', () => {
    expect(
      growth(
        [
          series([
            [0, 100],
            [5, 105],
            [10, 3],
            [15, 7],
          ]),
        ],
        0,
        15,
        nobody,
      ),
    ).toBe(12);
  });

  it('takes a new pod from zero only if it started inside the window', () => {
    const pod = [
      series(
        [
          [7, 40],
          [12, 45],
        ],
        'new',
      ),
    ];
    expect(growth(pod, 5, 15, nobody)).toBe(5);
    expect(growth(pod, 5, 15, { ...nobody, startedAt: new Map([['new', 6]]) })).toBe(45);
    expect(growth(pod, 5, 15, { ...nobody, startedAt: new Map([['new', 2]]) })).toBe(5);
  });

  it('takes the first error of a known process from zero: its counter was born with it', () => {
    const requests = [
      series(
        [
          [0, 100],
          [10, 150],
        ],
        'a',
        'ok',
      ),
    ];
    const errors = [series([[10, 4]], 'a', 'bad')];
    expect(growth(errors, 0, 10, instancesOf(requests, 0, new Map()))).toBe(4);
  });

  it('sees nothing of what lies outside', () => {
    expect(
      growth(
        [
          series([
            [0, 1],
            [20, 9],
          ]),
        ],
        5,
        15,
        nobody,
      ),
    ).toBe(0);
    expect(
      newest(
        [
          series([
            [0, 1],
            [20, 9],
          ]),
        ],
        15,
      ),
    ).toBe(0);
    expect(newest([], 15)).toBeNull();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('refuses the value %s', (value) => {
    expect(() =>
      growth(
        [
          series([
            [0, 1],
            [5, value],
          ]),
        ],
        0,
        10,
        nobody,
      ),
    ).toThrow(/no counter can have/u);
  });

  it('adds up over any split of the time, with any resets', () => {
    const steps = fc.array(fc.record({ grow: fc.nat(50), reset: fc.boolean() }), {
      minLength: 2,
      maxLength: 30,
    });
    fc.assert(
      fc.property(steps, fc.nat(100), (moves, cutAt) => {
        let [value, truth] = [10, 0];
        const samples: [number, number][] = [[0, value]];
        for (const [index, { grow, reset }] of moves.entries()) {
          // A reset is visible only where the counter is below its last value when it is read again.
          if (reset && grow < value) value = grow;
          else value += grow;
          truth += grow;
          samples.push([index + 1, value]);
        }
        const end = moves.length;
        const cut = cutAt % (end + 1);
        const all = [series(samples)];
        expect(growth(all, 0, end, nobody)).toBe(truth);
        expect(growth(all, 0, cut, nobody) + growth(all, cut, end, nobody)).toBe(truth);
      }),
    );
  });
});

describe('an answer of Prometheus', () => {
  const good = (values: unknown[], more: object = {}) => ({
    status: 'success',
    ...more,
    data: { resultType: 'matrix', result: [{ metric: { __name__: 'm', instance: 'h:1' }, values }] },
  });
  const code = (answer: unknown, status = 200) => {
    try {
      readAnswer(answer, status, 'm');
      return 'read';
    } catch (error) {
      if (error instanceof SallyportError) return error.code;
      throw error;
    }
  };

  it('is read with its values as numbers', () => {
    const [one] = readAnswer(
      good([
        [1.5, '3'],
        [2.5, '+Inf'],
      ]),
      200,
      'm',
    );
    expect(one?.samples).toEqual([
      [1.5, 3],
      [2.5, Number.POSITIVE_INFINITY],
    ]);
    expect(one?.instance).toBe('h:1');
    expect(Number.isNaN(readAnswer(good([[1, 'NaN']]), 200, 'm')[0]?.samples[0]?.[1])).toBe(true);
  });

  it('is refused where it is not whole or not what was asked for', () => {
    expect(code(good([[1, '3']], { warnings: ['remote read failed'] }))).toBe('SP-METRIC-WARNING');
    expect(code(good([[1, '3']], { warnings: 'odd' }))).toBe('SP-METRIC-WARNING');
    expect(code({ status: 'error', errorType: 'timeout', error: 'slow' }, 503)).toBe('SP-METRIC-QUERY');
    expect(code(good([[1, '3']]), 206)).toBe('SP-METRIC-QUERY');
    expect(code({ status: 'success', data: { resultType: 'vector', result: [] } })).toBe('SP-METRIC-ANSWER');
    expect(code(good([[1, 3]]))).toBe('SP-METRIC-ANSWER');
    expect(code(good([[1, '']]))).toBe('SP-METRIC-ANSWER');
    expect(code(good(['x']))).toBe('SP-METRIC-ANSWER');
    expect(code(null)).toBe('SP-METRIC-QUERY');
    const twice = good([[1, '3']]);
    twice.data.result.push(...twice.data.result);
    expect(code(twice)).toBe('SP-METRIC-ANSWER');
  });

  it('never ends in anything but series or a problem', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (inner, outer) => {
        for (const answer of [outer, { status: 'success', data: inner }, good([inner]), good([[1, inner]])])
          expect(code(answer)).toMatch(/^(?:read|SP-METRIC-[A-Z]+)$/u);
      }),
    );
  });
});
