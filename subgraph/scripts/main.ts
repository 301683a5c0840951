import { toTidemarkError } from '@tidemark/sdk';
import { buildSubgraph } from './build.ts';
import { compile } from './compile.ts';
import { readBuildOptions, readDeployOptions, USAGE } from './config.ts';
import { deploySubgraph } from './deploy.ts';

const [command, ...args] = process.argv.slice(2);
try {
  if (command === 'build' && !args.includes('--help')) console.log(await buildSubgraph(await readBuildOptions(args)));
  else if (command === 'compile') console.log(await compile());
  else if (command === 'deploy' && !args.includes('--help')) {
    const { deployment, urls } = await deploySubgraph(await readDeployOptions(args, process.env));
    console.log([`deployed as ${deployment}`, ...urls].join('\n'));
  } else console.log(USAGE);
} catch (error) {
  console.error(toTidemarkError(error).line);
  process.exitCode = 1;
}
