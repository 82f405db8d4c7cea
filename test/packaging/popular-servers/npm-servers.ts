/** A popular server for stdio, and what it asks for before it starts. */
export interface NpmServer {
  readonly name: string;
  readonly args?: readonly string[];

  /** Made-up keys: they are read at the start, and used by no call here. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly program?: string;
  readonly externalModules?: readonly string[];
}

/** In the order of the table in docs/reference/packaging.md. */
export const NPM_SERVERS: readonly NpmServer[] = [
  { name: '@modelcontextprotocol/server-everything' },
  { name: '@modelcontextprotocol/server-filesystem', args: ['/tmp'] },
  { name: '@modelcontextprotocol/server-memory' },
  { name: '@modelcontextprotocol/server-sequential-thinking' },
  { name: '@playwright/mcp' },
  { name: 'chrome-devtools-mcp' },
  { name: '@upstash/context7-mcp' },
  { name: '@notionhq/notion-mcp-server', environment: { NOTION_TOKEN: 'ntn_none' } },
  { name: '@wonderwhy-er/desktop-commander' },
  { name: 'mongodb-mcp-server' },
  { name: 'n8n-mcp' },
  { name: 'firecrawl-mcp', environment: { FIRECRAWL_API_KEY: 'fc-none' } },
  { name: 'tavily-mcp', environment: { TAVILY_API_KEY: 'tvly-none' } },
  { name: 'exa-mcp-server', environment: { EXA_API_KEY: 'none' } },
  { name: '@brave/brave-search-mcp-server', environment: { BRAVE_API_KEY: 'none' } },
  { name: '@supabase/mcp-server-supabase', args: ['--access-token', 'sbp_none'] },
  { name: '@sentry/mcp-server', args: ['--access-token', 'none'] },
  { name: '@heroku/mcp-server', environment: { HEROKU_API_KEY: 'none' } },
  { name: '@azure/mcp', args: ['server', 'start'] },
  { name: '@stripe/mcp', args: ['--api-key=rk_test_none'] },
  { name: 'figma-developer-mcp', args: ['--stdio', '--figma-api-key=none'] },
  {
    name: '@browserbasehq/mcp-server-browserbase',
    environment: { BROWSERBASE_API_KEY: 'none', BROWSERBASE_PROJECT_ID: 'none' },
  },
  { name: '@elastic/mcp-server-elasticsearch', environment: { ES_URL: 'http://127.0.0.1:9', ES_API_KEY: 'none' } },
  { name: '@benborla29/mcp-server-mysql', environment: { MYSQL_HOST: '127.0.0.1' } },
  { name: 'airtable-mcp-server', environment: { AIRTABLE_API_KEY: 'none' } },
];
