// Templates under the eyes of programs that others wrote: cfn-lint, and cfn-guard with the rules of AWS Control Tower.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ExpenseTrackerStack } from '../../bin/expense-tracker-stack';
import {
  AllowedPort,
  McpCanary,
  McpLogging,
  McpPlatformVersion,
  McpRelease,
  McpServerCode,
  McpStorage,
  Packaging,
  StatefulMcpServer,
} from '../../lib';
import { FullyEquippedStack } from '../../samples/fully-equipped/stack';

const SCRIPTS = path.join(__dirname, '../../scripts');
const UVX = path.join(execFileSync('bash', [path.join(SCRIPTS, 'uv.sh')], { encoding: 'utf8' }).trim(), 'uvx');
const GUARD = execFileSync('bash', [path.join(SCRIPTS, 'cfn-guard.sh')], { encoding: 'utf8' }).trim();

/** A server with the members of the platform that are new, in a zip file that keeps its logs long. */
function newMembers(scope: App): Stack {
  const stack = new Stack(scope, 'NewMembers');
  new StatefulMcpServer(stack, 'Server', {
    code: McpServerCode.fromTypeScript('samples/expense-tracker/server.ts', { packaging: Packaging.zip() }),
    platformVersion: McpPlatformVersion.V2,
    port: 9000,
    path: '/v1/mcp',
    allowedPorts: [AllowedPort.single(9000)],
    storage: [McpStorage.s3Bucket(Bucket.fromBucketName(stack, 'Bucket', 'notes'), { mountPath: '/mnt/notes' })],
    idleTimeout: Duration.minutes(5),
    logging: McpLogging.standard({ retention: RetentionDays.TEN_YEARS }),
  });
  return stack;
}

/** A gateway that splits the sessions of two versions. */
function canary(scope: App): Stack {
  const stack = new Stack(scope, 'Canary');
  const server = new StatefulMcpServer(stack, 'Server', {
    code: McpServerCode.fromTypeScript('samples/expense-tracker/server.ts', { packaging: Packaging.zip() }),
    release: McpRelease.verified({ candidate: true }),
  });
  new McpCanary(stack, 'Split', { server, candidatePercent: 10 });
  return stack;
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'template-linters-'));
const app = new App({ outdir: folder, context: { 'aws:cdk:bundling-stacks': [] } });
const templates = Object.fromEntries(
  [new ExpenseTrackerStack(app, 'Demo'), new FullyEquippedStack(app, 'Full'), newMembers(app), canary(app)].map(
    stack => [stack.stackName, path.join(folder, stack.templateFile)],
  ),
);
app.synth();

/** The CDK itself writes a dependency beside a reference, for roles and their policies. */
const DOUBLED_DEPENDENCY = /^W3005: /;

interface LintFinding {
  readonly Filename: string;
  readonly Rule: { readonly Id: string };
  readonly Message: string;
}

/** What cfn-lint finds in all of them, since most of its time is its start. */
function lint(): readonly LintFinding[] {
  const program = ['--from', 'cfn-lint==1.58.0', 'cfn-lint'];
  const { stdout, stderr } = spawnSync(UVX, [...program, '--format', 'json', ...Object.values(templates)], {
    encoding: 'utf8',
  });
  if (!stdout.startsWith('[')) {
    throw new Error(stderr);
  }
  return JSON.parse(stdout) as LintFinding[];
}

const linted = lint();

/** What it finds in one of them, as `RULE: message`. */
function lintOf(name: string): string[] {
  return linted
    .filter(({ Filename }) => Filename === templates[name])
    .map(({ Rule: { Id }, Message }) => `${Id}: ${Message}`)
    .filter(finding => !DOUBLED_DEPENDENCY.test(finding));
}

/** Members that are newer than this cfn-lint: botocore of 29 October to 20 November 2026 has them. */
const NEW_MEMBERS = /'(?:AllowedPorts|Port|Path|S3BucketMount|PlatformVersion|HooksConfiguration)'/;

test.each(['Demo', 'Full', 'Canary'])('cfn-lint finds nothing in the template of %s', name => {
  expect(lintOf(name)).toEqual([]);
});

test('cfn-lint finds nothing but members that it is too old for', () => {
  const findings = lintOf('NewMembers');
  expect(findings.filter(finding => !NEW_MEMBERS.test(finding))).toEqual([]);
  expect(findings).not.toEqual([]);
});

/** The rules that a template fails, with the logical ids. */
function guard(template: string): Record<string, string[]> {
  const program = path.join(
    GUARD,
    'bin',
    process.platform === 'darwin' ? 'macos' : 'ubuntu',
    process.arch === 'arm64' ? 'aarch64' : 'x86_64',
    'cfn-guard',
  );
  const rules = path.join(GUARD, 'rules/control-tower/cfn-guard');
  const options = ['--output-format', 'json', '--structured', '--show-summary', 'none'];
  const { stdout, stderr } = spawnSync(program, ['validate', '-d', template, '-r', rules, ...options], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (!stdout.startsWith('[')) {
    throw new Error(stderr);
  }
  const failed: Record<string, string[]> = {};
  for (const { not_compliant: found } of JSON.parse(stdout) as { not_compliant: { Rule: { name: string } }[] }[]) {
    for (const finding of found) {
      const ids = [...JSON.stringify(finding).matchAll(/\/Resources\/(\w+)/g)].map(([, id = '']) => id);
      failed[finding.Rule.name] = [...new Set(ids)].sort();
    }
  }
  return failed;
}

/** What is left to the user, or stays as it is; each with the reason. */
const CONTROL_TOWER: Readonly<Record<string, { reason: string; resources: RegExp }>> = {
  cloudwatch_log_group_retention_period_check: {
    reason: 'logs of requests are kept for a month unless `logging`, the assembler and the checker say longer',
    resources: /Logs?LogGroup|AssemblerV1LogGroup|MetadataLogGroup|ReleaseCheck\w*LogGroup/,
  },
  cloudwatch_log_group_encrypted_check: {
    reason: 'CloudWatch Logs encrypts them; a key of your own is `encryptionKey`',
    resources: /LogGroup/,
  },
  lambda_inside_vpc_check: { reason: 'a VPC is a prop of the assembler and the checker', resources: /Function/ },
  lambda_dlq_check: { reason: 'a queue is a prop of the assembler and the checker', resources: /Function/ },
  api_gw_v2_access_logs_enabled_check: {
    reason: 'a public document without parameters; its function has a log',
    resources: /AuthMetadataStage/,
  },
  api_gw_v2_authorization_type_configured_check: {
    reason: 'the document says where to sign in: it is read before anybody can',
    resources: /AuthMetadataApi/,
  },
  lambda_function_public_access_prohibited_check: {
    reason: 'the permission names the API as `SourceArn`, with a reference for the account that the rule cannot read',
    resources: /AuthMetadataApi/,
  },
  dynamodb_table_encrypted_kms_check: { reason: 'a table of the sample, with a key of AWS', resources: /^Expenses/ },
};

test.each(['Demo', 'Full', 'NewMembers', 'Canary'])(
  'Control Tower finds in %s what is written down, and nothing else',
  name => {
    for (const [rule, resources] of Object.entries(guard(templates[name]!))) {
      const known = CONTROL_TOWER[rule];
      expect([rule, known?.reason]).toEqual([rule, expect.any(String)]);
      for (const resource of resources) {
        expect([rule, resource]).toEqual([rule, expect.stringMatching(known!.resources)]);
      }
    }
  },
);
