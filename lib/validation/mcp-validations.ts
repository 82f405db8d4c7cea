import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';
import { findingsIn, RULES } from '../private/validation/rules';

/**
 * Rules for MCP servers on AgentCore Runtime, for `Validations.of(app).addPlugins(new McpValidations())`. They look at
 * the templates of an app, whichever constructs made them: those of this package, L2 and L1 constructs.
 *
 * What breaks a rule fails the synthesis, or is a warning. To keep it, acknowledge the rule with a reason:
 * `Validations.of(scope).acknowledge({ id: 'cdk-stateful-mcp::logRetention', reason })`.
 */
export class McpValidations implements IPolicyValidationPlugin {
  /**
   * The name in reports, which the ids of acknowledgments begin with.
   */
  public readonly name: string = 'cdk-stateful-mcp';

  /**
   * The ids of the rules.
   */
  public readonly ruleIds?: string[] = RULES.map(({ id }) => id);

  /**
   * Looks at the templates. Called by the CDK after they are written.
   *
   * @param context - where the templates are
   */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const found = findingsIn(context.templatePaths);
    return {
      success: found.every(([{ severity }]) => severity !== 'error'),
      violations: found.map(([{ id, severity, description, fix }, findings]) => ({
        ruleName: id,
        severity,
        description,
        fix,
        violatingResources: findings.map(({ resource, location }) => ({
          resourceLogicalId: resource.id,
          templatePath: resource.template.file,
          locations: [location],
        })),
      })),
    };
  }
}
