// The command behind "npm run soak".
import { toLine } from '../src/errors.ts';
import { readSoakOptions, SOAK_USAGE } from './options.ts';
import { toJson, toText, writePage } from './report.ts';
import { soak } from './soak.ts';

const args = process.argv.slice(2);
try {
  if (args.includes('--help')) console.log(SOAK_USAGE);
  else {
    const options = readSoakOptions(args);
    const soaked = await soak(options, (line) => console.error(line));
    console.log(options.json ? toJson(soaked) : toText(soaked));
    if (options.write) writePage(soaked);
    if (soaked.violations.length > 0) process.exitCode = 1;
  }
} catch (error) {
  console.error(toLine(error));
  process.exitCode = 1;
}
