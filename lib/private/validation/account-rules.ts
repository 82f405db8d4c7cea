import type { Finding, Rule } from './rule';
import { elementsOf, membersOf, type Located, type Templates } from './templates';

/** Managed policies of AWS that allow nearly everything, or everything in AgentCore. */
const ADMINISTRATORS = /\/(?:AdministratorAccess|PowerUserAccess|IAMFullAccess|BedrockAgentCoreFullAccess)\b/;

function allowsTooMuch(statement: unknown): boolean {
  const { Effect: effect, Action, NotAction, Resource, NotResource } = membersOf(statement);
  if (effect !== 'Allow') {
    return false;
  }
  const actions = elementsOf(Action).map(String);
  const onEverything = NotResource !== undefined || elementsOf(Resource).includes('*');
  return (
    NotAction !== undefined ||
    actions.some(action => /^(?:\*|bedrock-agentcore:\*|iam:\*)$/i.test(action)) ||
    (onEverything && actions.some(action => /^(?:bedrock-agentcore:|iam:pass)/i.test(action)))
  );
}

function statementsAt(document: unknown, location: string): { statement: unknown; location: string }[] {
  return elementsOf(membersOf(document).Statement).map((statement, index) => ({
    statement,
    location: `${location}/PolicyDocument/Statement/${index}`,
  }));
}

function findingsOf(templates: Templates, role: Located): Finding[] {
  const own = elementsOf(role.properties.Policies).flatMap((policy, index) =>
    statementsAt(membersOf(policy).PolicyDocument, `Properties/Policies/${index}`),
  );
  const managed = elementsOf(role.properties.ManagedPolicyArns).flatMap((arn, index) =>
    ADMINISTRATORS.test(JSON.stringify(arn)) ? [`Properties/ManagedPolicyArns/${index}`] : [],
  );
  const attached = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy']
    .flatMap(type => templates.ofType(type))
    .filter(({ properties, template }) =>
      [...elementsOf(properties.Roles), ...elementsOf(properties.RoleName)].some(
        value => templates.referenced(value, template)?.id === role.id,
      ),
    );
  return [
    ...own.filter(({ statement }) => allowsTooMuch(statement)).map(({ location }) => ({ resource: role, location })),
    ...managed.map(location => ({ resource: role, location })),
    ...attached.flatMap(resource =>
      statementsAt(resource.properties.PolicyDocument, 'Properties')
        .filter(({ statement }) => allowsTooMuch(statement))
        .map(({ location }) => ({ resource, location })),
    ),
  ];
}

/** The log groups that something of a runtime is delivered to, and those that are named as the service names them. */
function logGroupsOf(templates: Templates, runtimes: readonly Located[]): Located[] {
  const sources = templates
    .ofType('AWS::Logs::DeliverySource')
    .filter(({ properties, template }) => {
      const runtime = templates.referenced(properties.ResourceArn, template);
      return runtimes.some(other => other.id === runtime?.id && other.template === runtime.template);
    })
    .map(({ properties }) => JSON.stringify(properties.Name));
  const destinations = templates
    .ofType('AWS::Logs::Delivery')
    .filter(({ properties, template }) => {
      const source = templates.referenced(properties.DeliverySourceName, template);
      return sources.includes(JSON.stringify(source?.properties.Name ?? properties.DeliverySourceName));
    })
    .map(({ properties, template }) => templates.referenced(properties.DeliveryDestinationArn, template));
  const delivered = destinations.flatMap(destination => {
    const { DestinationResourceArn: arn } = membersOf(destination?.properties);
    const group = destination && templates.referenced(arn, destination.template);
    return group === undefined ? [] : [`${group.template.file} ${group.id}`];
  });
  return templates
    .ofType('AWS::Logs::LogGroup')
    .filter(
      ({ id, properties, template }) =>
        delivered.includes(`${template.file} ${id}`) ||
        /^\/aws\/(?:vendedlogs\/)?bedrock-agentcore\/runtime/.test(nameOf(properties.LogGroupName)),
    );
}

/** The beginning of a name, of which the rest may be known to CloudFormation alone. */
function nameOf(name: unknown): string {
  const { 'Fn::Join': join, 'Fn::Sub': substituted } = membersOf(name);
  const [first] = elementsOf(elementsOf(join)[1]);
  return [name, substituted, first].find(text => typeof text === 'string') ?? '';
}

export const ACCOUNT_RULES: readonly Rule[] = [
  {
    id: 'wildcardRole',
    severity: 'error',
    description:
      'the role of a server may do everything, or everything in AgentCore or with `iam:PassRole`: what a tool is talked into, it can do to other runtimes and roles',
    fix: 'name the actions and the resources that the tools need',
    check: (templates, runtimes) => {
      const roles = new Set<Located>();
      for (const { properties, template } of runtimes) {
        const role = templates.referenced(properties.RoleArn, template);
        const found = role?.template.find(role.id);
        if (found !== undefined) {
          roles.add(found);
        }
      }
      return [...roles].flatMap(role => findingsOf(templates, role));
    },
  },
  {
    id: 'logRetention',
    severity: 'warning',
    description: 'a log group of a runtime keeps its records for ever, with what requests and responses say',
    fix: 'set `RetentionInDays` (`retention: RetentionDays.ONE_MONTH`)',
    check: (templates, runtimes) =>
      logGroupsOf(templates, runtimes)
        .filter(({ properties }) => properties.RetentionInDays === undefined)
        .map(resource => ({ resource, location: 'Properties/RetentionInDays' })),
  },
];
