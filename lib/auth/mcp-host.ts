/**
 * A program that people use an MCP server with, and that signs them in by OAuth in a browser.
 */
export enum McpHost {
  /** Claude Code: `http://localhost:PORT/callback`, with the callback port. */
  CLAUDE_CODE = 'claude-code',

  /** Claude on the web, on phones and on the desktop, as a connector. */
  CLAUDE = 'claude',

  /** Cursor. */
  CURSOR = 'cursor',

  /** Visual Studio Code, and its Insiders edition. */
  VS_CODE = 'vs-code',

  /** Kiro, with `http://localhost:PORT/callback` or `http://localhost:PORT/oauth/callback` as its redirect URI. */
  KIRO = 'kiro',

  /** Gemini CLI, with `http://localhost:PORT/oauth/callback` as its redirect URI: it waits at no other path. */
  GEMINI_CLI = 'gemini-cli',

  /** The MCP Inspector, in a browser and in a terminal. */
  INSPECTOR = 'inspector',

  /** ChatGPT, but for connectors with a callback URL of their own, which go into `callbackUrls`. */
  CHATGPT = 'chatgpt',
}
