// The command behind "npm run race".
import { toLine } from '../src/errors.ts';
import { RACE_USAGE, readRaceOptions } from './options.ts';
import { race } from './race.ts';
import { raceText, toJson } from './report.ts';

const args = process.argv.slice(2);
try {
  if (args.includes('--help')) console.log(RACE_USAGE);
  else {
    const options = readRaceOptions(args);
    const raced = await race(options, (line) => console.error(line));
    console.log(options.json ? toJson(raced) : raceText(raced));
    if (raced.violations.length > 0) process.exitCode = 1;
  }
} catch (error) {
  console.error(toLine(error));
  process.exitCode = 1;
}
