// Adds up jest's JSON reports and ends with one line: `N passed, N failed`. Of a report whose failures ran once more, into
// `NAME-again.json`, the second result counts, and what passed then is named.
import { existsSync, readFileSync } from 'node:fs';

const read = file => JSON.parse(readFileSync(file, 'utf8'));
const failures = report =>
  report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  );
let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2).filter(name => !name.endsWith('-again.json'))) {
  const report = read(file);
  const again = file.replace(/\.json$/, '-again.json');
  const last = existsSync(again) ? read(again) : report;
  passed += report.numPassedTests + report.numFailedTests - last.numFailedTests;
  failed += last.numFailedTests;
  for (const name of failures(report).filter(name => !failures(last).includes(name))) {
    console.log(`passed alone, after it had failed beside others: ${name}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
