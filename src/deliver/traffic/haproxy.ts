import { exchange } from '../../platform/socket.ts';
import { type Traffic, trafficProblem } from './traffic.ts';

const TIMEOUT = 3_000;
const MAX_BYTES = 64 * 1024;

/**
 * HAProxy's runtime API (https://docs.haproxy.org/2.6/management.html#9.3): `set weight` is silent on success, and
 * `get weight` answers `5 (initial 100)`. A reload brings the weights of the configuration back: there the canary's
 * must be 0, and the next look sees that the weight is not what was set.
 */
export function haproxy(plan: {
  socket: string;
  backend: string;
  canary: string;
  baseline: string;
}): Traffic {
  const name = `HAProxy backend ${plan.backend}`;
  const send = async (commands: string[]) =>
    await exchange(plan.socket, `${commands.join('; ')}\n`, TIMEOUT, MAX_BYTES);
  const at = (server: string) => `${plan.backend}/${server}`;
  const weightOf = async (server: string): Promise<number> => {
    const answer = await send([`get weight ${at(server)}`]);
    const match = /^(\d{1,3}) \(initial \d{1,3}\)/u.exec(answer.trim());
    if (match === null) throw trafficProblem(name, `the weight of ${server}`, answer);
    return Number(match[1]);
  };
  return {
    name,
    fenced: false,
    get: async () => {
      const [canary, baseline] = [await weightOf(plan.canary), await weightOf(plan.baseline)];
      if (canary + baseline === 0) throw trafficProblem(name, 'a server with a weight', 'both are 0');
      return (100 * canary) / (canary + baseline);
    },
    set: async (weight) => {
      const answer = await send([
        `set weight ${at(plan.baseline)} ${100 - weight}`,
        `set weight ${at(plan.canary)} ${weight}`,
      ]);
      if (answer.trim() !== '') throw trafficProblem(name, 'silence, which is success', answer);
    },
  };
}
