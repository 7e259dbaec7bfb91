#!/usr/bin/env node
'use strict';
// Plain old JavaScript: an older Node must be able to read it, to be told so in one line.
// Node would say 1 for what nobody caught; 1 is "the policy said no", and this is no verdict.
process.on('uncaughtException', (error) => {
  process.stderr.write(`SP-INTERNAL: ${error.message}\n`);
  process.exit(2);
});
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    'sallyport needs Node.js 24 or newer, this is ' +
      process.versions.node +
      ' (https://nodejs.org/en/download)\n',
  );
  process.exitCode = 2;
} else {
  require('../dist/index.js').cli(process.argv.slice(2));
}
