// Required by a measured process before its own: leaves its peak memory behind when it ends. Not a module, since loading
// the loader of modules would be measured too.
const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  if (process.env.BENCH_PEAK) writeFileSync(process.env.BENCH_PEAK, String(process.resourceUsage().maxRSS));
});
