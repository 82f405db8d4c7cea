// The files of a JSON report of jest in which a test failed. Where there are none, the run failed by something else, which
// no second run mends: exit code 1.
import { readFileSync } from 'node:fs';

const { testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const files = [...new Set(testResults.filter(({ status }) => status === 'failed').map(({ name }) => name))];
console.log(files.join('\n'));
process.exitCode = files.length > 0 ? 0 : 1;
