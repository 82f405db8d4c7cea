import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { checkServer, findingText, type CheckDefinition, type CheckReport } from 'stateful-mcp-client';
import type { LocalRuntime, ReleaseCandidate, RuntimeDescription } from 'stateful-mcp-local';
import type { ReleaseRehearsal } from '../command-line/invocation';
import type { Closing } from '../common/closing';
import { CommandError, EXIT } from '../common/command-error';
import type { ConversationParts } from '../conversation/hold-conversation';

/** A runtime of the app that is served here, and where. */
interface ServedHere {
  readonly runtime: LocalRuntime;
  readonly chosen: RuntimeDescription;
  readonly url: string;
}

/** A server that starts, and does not speak MCP. */
const BAD_VERSIONS: Readonly<Record<string, string>> = {
  '.js':
    "require('node:http').createServer((_, response) => response.end('hello')).listen(process.env.PORT, '127.0.0.1');\n",
  '.mjs':
    "import http from 'node:http';\nhttp.createServer((_, response) => response.end('hello')).listen(process.env.PORT, '127.0.0.1');\n",
  '.py': `import os
from http.server import BaseHTTPRequestHandler, HTTPServer


class Hello(BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")


HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Hello).serve_forever()
`,
};

/**
 * Releases the server of an app as a deployment of it does: the version is checked, and only then does the endpoint that
 * users call serve it. A bad version after it, if one is wanted, is refused.
 *
 * @returns the path and query of that endpoint
 */
export async function rehearseRelease(
  { runtime, chosen, url }: ServedHere,
  rehearsal: ReleaseRehearsal,
  { conversation, shutdown }: ConversationParts,
  closing: Closing,
): Promise<string> {
  const { name, release } = chosen;
  if (release === undefined) {
    throw new CommandError(
      `\`--release\` is for a runtime with a verified release, and ${name} has none: its versions reach users at once`,
      EXIT.usage,
    );
  }
  const { endpointName } = release;
  let held: CheckReport | undefined;
  const verify = async ({ check, invocationPath, version }: ReleaseCandidate): Promise<void> => {
    const report = await checkServer({
      target: url + invocationPath,
      definition: JSON.parse(check) as CheckDefinition,
      signal: shutdown.signal,
      ...(held?.contract && { live: held.contract }),
    });
    shutdown.signal.throwIfAborted();
    if (report.verdict !== 'pass') {
      throw new RefusedVersion(version, report);
    }
    held = report;
  };

  const released = await conversation.working(
    { label: 'release', doing: `checking version ${chosen.version}` },
    runtime.release(name, verify),
    version => `version ${version} passed ${held?.findings.length ?? 0} checks; ${endpointName} serves it`,
  );
  if (rehearsal.badVersion) {
    const bad = await publishBadVersion(runtime, chosen, closing);
    const refusal = await conversation.working(
      { label: 'release', doing: `checking version ${bad}, which does not speak MCP` },
      runtime.release(name, verify).then(
        () => undefined,
        (error: unknown) => refusalOf(error),
      ),
      refused => (refused ? `version ${bad} is refused` : `version ${bad} was released, which must not be`),
    );
    if (refusal === undefined) {
      throw new CommandError(`version ${bad} does not speak MCP, and passed the check`);
    }
    for (const finding of refusal.report.findings.filter(({ verdict }) => verdict !== 'pass')) {
      conversation.inform('refused', findingText(finding));
    }
    conversation.inform('release', `${endpointName} still serves version ${released}`);
  }
  return chosen.invocationPath.replace(/qualifier=[^&]*/, `qualifier=${encodeURIComponent(endpointName)}`);
}

/** A version that users must not get. */
class RefusedVersion extends CommandError {
  public constructor(
    version: string,
    public readonly report: CheckReport,
  ) {
    const reasons = report.findings.filter(({ verdict }) => verdict !== 'pass').map(findingText);
    super(`version ${version} is not released: ${reasons.join('; ')}`);
  }
}

function refusalOf(error: unknown): RefusedVersion {
  if (error instanceof RefusedVersion) {
    return error;
  }
  throw error;
}

async function publishBadVersion(
  runtime: LocalRuntime,
  { name, command }: RuntimeDescription,
  closing: Closing,
): Promise<string> {
  const entry = command.find(word => path.extname(word) in BAD_VERSIONS);
  if (entry === undefined || path.isAbsolute(entry)) {
    throw new CommandError(
      `\`--bad-version\` is for servers in Node.js and Python, and ${name} is started by ${command.join(' ')}`,
    );
  }
  const directory = await mkdtemp(path.join(os.tmpdir(), 'stateful-mcp-bad-version-'));
  closing.register(() => rm(directory, { recursive: true, force: true }));
  await writeFile(path.join(directory, path.basename(entry)), BAD_VERSIONS[path.extname(entry)] ?? '');
  return runtime.publish(name, directory);
}
