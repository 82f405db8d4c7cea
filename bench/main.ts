// `npm run bench` runs every benchmark of this list; those against programs of others that have to be installed are `bench:image` and
// `bench:peers`. `npm run bench -- tool-call synth` runs those named.
import os from 'node:os';
import { benchServerKit } from './server-kit';
import { benchSessionStart } from './session-start';
import { benchSynth } from './synth';
import { benchToolCall } from './tool-call';

const benches: Readonly<Record<string, () => Promise<void>>> = {
  'tool-call': benchToolCall,
  'session-start': benchSessionStart,
  'server-kit': benchServerKit,
  'synth': benchSynth,
};

const asked = process.argv.slice(2);
const unknown = asked.filter(name => !(name in benches));
if (unknown.length > 0) {
  console.error(`no benchmark named ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}

console.log(`Node ${process.version}, ${os.cpus().length} cores (${os.cpus()[0]?.model.trim() ?? 'unknown'}), ${new Date().toISOString().slice(0, 10)}`);
void runAll();

async function runAll(): Promise<void> {
  for (const [name, run] of Object.entries(benches)) {
    if (asked.length === 0 || asked.includes(name)) await run();
  }
}
