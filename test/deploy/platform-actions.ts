const AGENT =
  'AgentCore and its agent in the microVM look for log groups, and write traces and metrics, with the role of the server';
const LAMBDA = 'AWS Lambda writes the log of a function with its role';
const IDENTITY = 'AgentCore exchanges the identity of the workload with the role of the server';

/** Actions that the platform needs, which no call of a rehearsal can show, and why they are granted. */
export const PLATFORM_ACTIONS: Readonly<Record<string, string>> = {
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
  'StatefulMcpReleaseCheckerV1Role: lambda:InvokeFunction':
    'a check of more than 15 minutes goes on in another invocation',
  'StatefulMcpReleaseCheckerV1Role: logs:CreateLogStream': LAMBDA,
  'StatefulMcpReleaseCheckerV1Role: logs:PutLogEvents': LAMBDA,
};
