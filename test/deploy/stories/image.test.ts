import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  GetAgentRuntimeCommand,
  GetAgentRuntimeEndpointCommand,
  ListAgentRuntimesCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { BaseImage, McpCheck, McpRelease, Packaging } from '../../../lib';
import { endAll } from '../../image/assembly/disposal';
import { EXPENSE_CONVERSATIONS } from '../app/expense-check';
import { ExpenseTrackerApp, outputValue, STACK, type ChangedLine } from '../app/expense-tracker-app';
import { SteadyCaller } from '../app/steady-caller';
import { Rehearsal } from '../cloud/rehearsal';
import { missingPrograms, startImageRegistry, type DescribedImage, type ImageRegistry } from '../images/image-registry';
import { deniedCalls, unneededActions, type PermissionRecord } from '../permissions/permission-record';
import { PLATFORM_ACTIONS_WITH_IMAGES } from '../permissions/platform-actions';

// A server that is packaged as an image: assembled during each deployment, in a real registry under the names of AWS.

const BASE_REPOSITORY = 'docker/library/node';

if (missingPrograms.length > 0) {
  process.stderr.write(
    `LEFT OUT: deployments of images need ${missingPrograms.join(', ')}; \`bash scripts/image-registry.sh\` installs them\n`,
  );
}

(missingPrograms.length > 0 ? describe.skip : describe)('deployments of images', () => {
  const release = McpRelease.verified({ check: McpCheck.of({ conversations: EXPENSE_CONVERSATIONS }) });
  let registry: ImageRegistry;
  let rehearsal: Rehearsal;
  let app: ExpenseTrackerApp;
  let first: string;
  let second: string;
  let arn: string;
  let users: SteadyCaller;
  let granted: PermissionRecord;
  const images: DescribedImage[] = [];

  beforeAll(async () => {
    app = new ExpenseTrackerApp();
    registry = await startImageRegistry();
    await registry.pushBaseImage(`${BASE_REPOSITORY}:24-slim`);
    rehearsal = await Rehearsal.start({ imageRegistry: registry.url });
  });
  afterAll(async () => {
    await users?.stop();
    await rehearsal?.close();
    await endAll();
    app.remove();
  });

  test('an image of the default base is assembled, checked and served by its digest', async () => {
    first = synthesized('0.1.0');
    const { output } = await rehearsal.deploy(first);
    arn = outputValue(output, 'RuntimeArn');
    expect(await liveVersion()).toBe('1');
    images.push(await deployedImage());
    const base = await registry.describe(BASE_REPOSITORY, '24-slim');
    expect(images[0]?.layers).toEqual([...base.layers, expect.stringMatching(/^sha256:/)]);
    users = await SteadyCaller.start(arn, 'live', rehearsal.dataPlane);
  });

  test('a changed line is another image on the same base, checked and promoted', async () => {
    second = synthesized('0.2.0');
    await rehearsal.deploy(second);
    expect(await liveVersion()).toBe('2');
    images.push(await deployedImage());
    expect(images[1]?.digest).not.toBe(images[0]?.digest);
    expect(images[1]?.layers[0]).toBe(images[0]?.layers[0]);
  });

  test('an image whose server lacks a tool is refused with the reason, while users are served', async () => {
    const line = { file: 'expense-tracker.ts', from: '  registerAddExpense(server, store);\n', to: '' };
    await refused(
      app.synthesize(line, () => ({ release, packaging: Packaging.image() })),
      /ERR_CHECK_FAILED: version 3 failed [^]*add_expense_interactive/,
    );
  });

  test('so is one whose base image does not exist', async () => {
    const baseImage = BaseImage.fromRegistry(`public.ecr.aws/${BASE_REPOSITORY}:22-slim`);
    await refused(
      synthesized('0.3.0', Packaging.image({ baseImage })),
      /ERR_BASE_NOT_FOUND: the base image public\.ecr\.aws\/docker\/library\/node:22-slim was not found/,
    );
  });

  test('no call of users has failed, and the images outlive the stack', async () => {
    await users.stop();
    expect(users.failed).toEqual([]);
    expect(users.met).toEqual(['0.1.0', '0.2.0']);
    granted = await rehearsal.permissions();
    await rehearsal.destroy(second);
    const { agentRuntimes } = await rehearsal.controlPlane.send(new ListAgentRuntimesCommand({}));
    expect(agentRuntimes).toEqual([]);
    const ecr = new ECRClient(rehearsal.aws);
    const { repositories = [] } = await ecr.send(new DescribeRepositoriesCommand({}));
    ecr.destroy();
    expect(repositories).toMatchObject([{ imageTagMutability: 'IMMUTABLE' }, {}]);
  });

  test('no call was denied, and nothing is granted that no call needed', async () => {
    const record = await rehearsal.permissions();
    expect(deniedCalls(record)).toEqual([]);
    expect(unneededActions(granted, record, STACK)).toEqual(Object.keys(PLATFORM_ACTIONS_WITH_IMAGES).sort());
  });

  function synthesized(version: string, packaging = Packaging.image()): string {
    const line: ChangedLine = { file: 'expense-tracker.ts', from: "version: '0.1.0'", to: `version: '${version}'` };
    return app.synthesize(line, () => ({ release, packaging }));
  }

  async function refused(assembly: string, reason: RegExp): Promise<void> {
    const { exitCode, output } = await rehearsal.deployAttempt(assembly);
    expect(output).toMatch(reason);
    expect(output).toMatch(/UPDATE_ROLLBACK_COMPLET/);
    expect(exitCode).toBe(1);
    expect(await liveVersion()).toBe('2');
    expect(users.failed).toEqual([]);
  }

  /** The image of the newest version, which its runtime names. */
  async function deployedImage(): Promise<DescribedImage> {
    const { agentRuntimeArtifact } = await rehearsal.controlPlane.send(
      new GetAgentRuntimeCommand({ agentRuntimeId: arn.split('/')[1] }),
    );
    const uri = agentRuntimeArtifact?.containerConfiguration?.containerUri ?? '';
    const [, repository = '', digest = ''] =
      /^000000000000\.dkr\.ecr\.us-east-1\.amazonaws\.com\/(.+)@(sha256:[0-9a-f]{64})$/.exec(uri) ?? [];
    return registry.describe(repository, digest);
  }

  async function liveVersion(): Promise<string | undefined> {
    const { liveVersion } = await rehearsal.controlPlane.send(
      new GetAgentRuntimeEndpointCommand({ agentRuntimeId: arn.split('/')[1], endpointName: 'live' }),
    );
    return liveVersion;
  }
});
