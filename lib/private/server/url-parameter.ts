import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct, IDependable } from 'constructs';

export interface PublishedUrl {
  readonly urlParameterName?: string;
  readonly url: string;
  /** What is there once the URL can be called. */
  readonly released?: IDependable;
}

/** Has a parameter hold the URL of a server, where one is asked for. */
export function publishUrl(scope: Construct, { urlParameterName, url, released }: PublishedUrl): void {
  if (urlParameterName === undefined) {
    return;
  }
  const parameter = new StringParameter(scope, 'UrlParameter', {
    parameterName: urlParameterName,
    stringValue: url,
    description: `URL of the MCP server ${scope.node.path}`,
  });
  if (released !== undefined) {
    parameter.node.addDependency(released);
  }
}
