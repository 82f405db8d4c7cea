const AGENT =
  'AgentCore and its agent in the microVM look for log groups, and write traces and metrics, with the role of the server';
const LAMBDA = 'AWS Lambda writes the log of a function with its role';
const LONG = 'a check of more than 15 minutes goes on in another invocation';
const IDENTITY = 'AgentCore exchanges the identity of the workload with the role of the server';

const ACTIONS_OF_SERVER: Readonly<Record<string, string>> = {
  'ServerRole: bedrock-agentcore:GetWorkloadAccessToken': IDENTITY,
  'ServerRole: bedrock-agentcore:GetWorkloadAccessTokenForJWT': IDENTITY,
  'ServerRole: bedrock-agentcore:GetWorkloadAccessTokenForUserId': IDENTITY,
  'ServerRole: cloudwatch:PutMetricData': AGENT,
  'ServerRole: logs:DescribeLogGroups': AGENT,
  'ServerRole: logs:DescribeLogStreams': AGENT,
  'ServerRole: xray:GetSamplingRules': AGENT,
  'ServerRole: xray:GetSamplingTargets': AGENT,
  'ServerRole: xray:PutTelemetryRecords': AGENT,
  'ServerRole: xray:PutTraceSegments': AGENT,
};

const ACTIONS_OF_CHECKER: Readonly<Record<string, string>> = {
  'StatefulMcpReleaseCheckerV1Role: lambda:InvokeFunction': LONG,
  'StatefulMcpReleaseCheckerV1Role: logs:CreateLogStream': LAMBDA,
  'StatefulMcpReleaseCheckerV1Role: logs:PutLogEvents': LAMBDA,
};

/** Actions that the platform needs, which no call of a rehearsal can show, and why they are granted. */
export const PLATFORM_ACTIONS: Readonly<Record<string, string>> = { ...ACTIONS_OF_SERVER, ...ACTIONS_OF_CHECKER };

/** Those of a server that is packaged as an image. */
export const PLATFORM_ACTIONS_WITH_IMAGES: Readonly<Record<string, string>> = {
  ...ACTIONS_OF_SERVER,
  'StatefulMcpImageAssemblerV1Role: logs:CreateLogStream': LAMBDA,
  'StatefulMcpImageAssemblerV1Role: logs:PutLogEvents': LAMBDA,
  ...ACTIONS_OF_CHECKER,
};

/** Those of a story in which nobody adds an expense. */
export const PLATFORM_ACTIONS_OF_READERS: Readonly<Record<string, string>> = {
  ...PLATFORM_ACTIONS,
  'ServerRole: dynamodb:PutItem': 'the server stores expenses, and this story has it report alone',
};

/** Those of the function alone, in a story where callers bring a token and no check fails. */
export const CHECKER_ACTIONS_WITH_TOKENS: Readonly<Record<string, string>> = {
  ...ACTIONS_OF_CHECKER,
  'StatefulMcpReleaseCheckerV1Role: logs:FilterLogEvents': 'the log of the server explains a check that fails',
  'StatefulMcpReleaseCheckerV1Role: secretsmanager:DescribeSecret':
    '`grantRead()` of the CDK lets who reads a secret look at its description as well',
};
