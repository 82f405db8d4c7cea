import { listen } from './servers';

/**
 * CloudFormation as far as `DescribeStacks`, spoken to by the AWS SDK's own client, with one stack: `Expenses`. The
 * environment of this process leads to it.
 */
export async function cloudFormation(outputs: Record<string, string>): Promise<{ signedFor: string[] }> {
  const signedFor: string[] = [];
  const url = await listen((request, response) => {
    let body = '';
    request.on('data', chunk => (body += String(chunk)));
    request.on('end', () => {
      signedFor.push(/Credential=([^,]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '');
      if (new URLSearchParams(body).get('StackName') !== 'Expenses') {
        response.writeHead(400, { 'content-type': 'text/xml' });
        response.end(
          '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id Other does not exist</Message></Error></ErrorResponse>',
        );
        return;
      }
      const members = Object.entries(outputs)
        .map(
          ([key, value]) =>
            `<member><OutputKey>${key}</OutputKey><OutputValue>${value.replaceAll('&', '&amp;')}</OutputValue></member>`,
        )
        .join('');
      response.writeHead(200, { 'content-type': 'text/xml' });
      response.end(
        `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member><StackName>Expenses</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
      );
    });
  });
  process.env.AWS_ENDPOINT_URL_CLOUDFORMATION = new URL(url).origin;
  return { signedFor };
}
