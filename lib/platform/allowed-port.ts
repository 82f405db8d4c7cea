import { refuse } from '../private/common/construct-error';
import { kindProblems, number } from '../private/common/kinds';

/**
 * A port of the server's microVM, or a range of them, that callers reach through the session endpoint.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_AllowedPort.html
 */
export class AllowedPort {
  /**
   * One port.
   *
   * @param port - 8000 to 12000, and not 8443, which the platform keeps for itself
   */
  public static single(port: number): AllowedPort {
    refuse(undefined, kindProblems({ port }, { port: number }));
    return new AllowedPort(port, port);
  }

  /**
   * All ports from one to another, both included.
   *
   * @param from - 8000 or more
   * @param to - 12000 or less. 8443 may not lie between the two: the platform keeps it for itself
   */
  public static range(from: number, to: number): AllowedPort {
    refuse(undefined, kindProblems({ from, to }, { from: number, to: number }));
    return new AllowedPort(from, to);
  }

  private constructor(
    /**
     * The first port.
     */
    public readonly from: number,
    /**
     * The last port: the first one, where there is one only.
     */
    public readonly to: number,
  ) {}
}
