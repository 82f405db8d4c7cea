import type { ServerContext } from '@modelcontextprotocol/server';

/** Sends progress notifications for one request, each above the one before, as the protocol demands. */
export class ProgressReporter {
  /** @param last - what was reported in earlier rounds of the same call */
  public constructor(public last = Number.NEGATIVE_INFINITY) {}

  public async report(ctx: ServerContext, progress: number, total?: number, message?: string): Promise<void> {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    if (progressToken === undefined || !Number.isFinite(progress) || progress <= this.last) {
      return;
    }
    this.last = progress;
    const params = {
      progressToken,
      progress,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    };
    // A client that went away must not fail the work that it asked for.
    await ctx.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  }
}
