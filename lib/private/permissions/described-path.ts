import type { IConstruct } from 'constructs';

/** Of the 255 characters that Amazon EC2 takes, some are for what is said of the construct. */
const LONGEST_PATH = 200;

/**
 * The path of a construct for a description, as all services take it: ids of constructs may have any character and a
 * path any length, descriptions of Amazon EC2 and IAM may not.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
 */
export function describedPath({ node: { path } }: IConstruct): string {
  const allowed = path.replace(/[^\w ./:()#,@[\]+=&;{}!$*-]/g, '_');
  return allowed.length > LONGEST_PATH ? `...${allowed.slice(-LONGEST_PATH)}` : allowed;
}
