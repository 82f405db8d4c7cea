import { Token } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct, IDependable } from 'constructs';
import { refuse } from '../common/construct-error';
import { nameTakenProblems, PARAMETER } from './taken-names';

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html, `Name` */
const PARAMETER_NAME = /^(?:[\w.-]+|(?:\/[\w.-]+){1,15})$/;
const RESERVED_NAME = /^(?:aws|ssm)|^\/(?:aws|ssm)(?:\/|$)/i;
/** With the ARN around it, a name may have 1011 characters. */
const MAX_NAME_LENGTH = 900;

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
  refuse(scope, [...nameProblems(urlParameterName), ...nameTakenProblems(scope, PARAMETER, urlParameterName)]);
  const parameter = new StringParameter(scope, 'UrlParameter', {
    parameterName: urlParameterName,
    // Of a name that the deployment knows, the L2 wants to know whether its ARN has a slash before it. Nobody asks for it.
    simpleName: Token.isUnresolved(urlParameterName) ? false : undefined,
    stringValue: url,
    description: `URL of the MCP server ${scope.node.path}`,
  });
  if (released !== undefined) {
    parameter.node.addDependency(released);
  }
}

function nameProblems(name: string): string[] {
  return Token.isUnresolved(name) ||
    (PARAMETER_NAME.test(name) && !RESERVED_NAME.test(name) && name.length <= MAX_NAME_LENGTH)
    ? []
    : [
        `\`urlParameterName\` is ${JSON.stringify(name)}; letters, digits and "_.-" are allowed, or up to 15 such parts with a "/" before each, ${MAX_NAME_LENGTH} characters at most, and not "aws" or "ssm" first: choose one such as "/mcp/orders/url"`,
      ];
}
