// What `doctor` and `logs` read besides AgentCore: a loopback double whose answers have the types of the AWS SDK, which
// are made from the service models.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  DescribeLogGroupsResponse,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import type { DescribeImagesRequest, DescribeImagesResponse } from '@aws-sdk/client-ecr';
import type { GetTraceSegmentDestinationResult } from '@aws-sdk/client-xray';

/** An error as a service answers with it. */
export class Refusal extends Error {
  public constructor(name: string, message = 'refused') {
    super(message);
    this.name = name;
  }
}

/** What the services say; an operation that is left out is refused as not allowed. */
export interface Answers {
  readonly images?: (request: DescribeImagesRequest) => DescribeImagesResponse;
  /** The trust policy of the role. */
  readonly trust?: () => string;
  readonly logGroups?: () => DescribeLogGroupsResponse;
  readonly logEvents?: (request: FilterLogEventsRequest) => FilterLogEventsResponse;
  readonly tracing?: () => GetTraceSegmentDestinationResult;
}

const servers: Server[] = [];

export async function closeDoubles(): Promise<void> {
  await Promise.all(
    servers.splice(0).map(server => new Promise(resolve => server.close(resolve).closeAllConnections())),
  );
}

/** Starts it. Gives the variables of the environment that send the AWS SDK to it. */
export async function startDouble(answers: Answers): Promise<Record<string, string>> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', text => {
      body += text;
    });
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target'] ?? /Action=(\w+)/.exec(body)?.[1] ?? request.url);
      try {
        const answer = answerTo(operation, body, answers);
        response.writeHead(200, {
          'content-type': typeof answer === 'string' ? 'text/xml' : 'application/x-amz-json-1.1',
        });
        response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
      } catch (error) {
        const { name, message } = error as Error;
        response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': name });
        response.end(
          operation === 'GetRole'
            ? `<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`
            : JSON.stringify({ __type: name, message }),
        );
      }
    });
  });
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.fromEntries(['ECR', 'IAM', 'CLOUDWATCH_LOGS', 'XRAY'].map(id => [`AWS_ENDPOINT_URL_${id}`, url]));
}

function answerTo(operation: string, body: string, answers: Answers): object | string {
  switch (operation) {
    case 'AmazonEC2ContainerRegistry_V20150921.DescribeImages':
      return given(answers.images)(JSON.parse(body) as DescribeImagesRequest);
    case 'GetRole': {
      const trust = encodeURIComponent(given(answers.trust)());
      const role =
        '<Path>/</Path><RoleName>server</RoleName><RoleId>AROA</RoleId><Arn>arn:aws:iam::123456789012:role/server</Arn>' +
        `<CreateDate>2026-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>${trust}</AssumeRolePolicyDocument>`;
      return `<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role>${role}</Role></GetRoleResult></GetRoleResponse>`;
    }
    case 'Logs_20140328.DescribeLogGroups':
      return given(answers.logGroups)();
    case 'Logs_20140328.FilterLogEvents':
      return given(answers.logEvents)(JSON.parse(body) as FilterLogEventsRequest);
    case '/GetTraceSegmentDestination':
      return given(answers.tracing)();
    default:
      throw new Refusal('UnknownOperationException', operation);
  }
}

function given<Answer>(answer: Answer | undefined): Answer {
  if (answer === undefined) {
    throw new Refusal('AccessDeniedException', 'not allowed');
  }
  return answer;
}
