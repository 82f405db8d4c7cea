/** A popular server for stdio on PyPI, and what it asks for before it starts. */
export interface PypiServer {
  readonly requirement: string;
  readonly args?: readonly string[];
  readonly program?: string;

  /** Made-up keys: they are read at the start, and used by no call here. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** In the order of the table in docs/reference/packaging.md. */
export const PYPI_SERVERS: readonly PypiServer[] = [
  { requirement: 'mcp-server-time==2026.10.19' },
  { requirement: 'mcp-server-fetch==2026.10.24' },
  { requirement: 'mcp-server-git==2026.10.19' },
  { requirement: 'mcp-server-sqlite==2025.4.25', args: ['--db-path', '/tmp/popular.db'] },
  { requirement: 'awslabs.aws-documentation-mcp-server==1.2.3' },
  { requirement: 'awslabs.dynamodb-mcp-server==2.1.8', environment: { AWS_REGION: 'eu-west-1' } },
  { requirement: 'awslabs.aws-api-mcp-server==1.5.6', environment: { AWS_REGION: 'eu-west-1' } },
  { requirement: 'arxiv-mcp-server==0.8.2', args: ['--storage-path', '/tmp/papers'] },
  { requirement: 'duckduckgo-mcp-server==0.7.0' },
  {
    requirement: 'mcp-server-qdrant==0.8.1',
    environment: { QDRANT_LOCAL_PATH: '/tmp/qdrant', COLLECTION_NAME: 'notes' },
  },
  { requirement: 'mcp-atlassian==0.23.1', environment: { JIRA_URL: 'https://example.com', JIRA_PERSONAL_TOKEN: 'x' } },
  { requirement: 'excel-mcp-server==2.2.2', args: ['stdio'] },
  { requirement: 'office-word-mcp-server==1.1.11', program: 'word_mcp_server' },
  {
    requirement: 'mcp-clickhouse==0.7.0',
    environment: { CLICKHOUSE_HOST: 'localhost', CLICKHOUSE_USER: 'x', CLICKHOUSE_PASSWORD: 'x' },
  },
  { requirement: 'mcp-server-motherduck==1.1.0', args: ['--db-path', ':memory:', '--read-write'] },
  { requirement: 'wikipedia-mcp==2.0.1' },
  { requirement: 'blender-mcp==2.0.0' },
  { requirement: 'elasticsearch-mcp-server==2.1.6', environment: { ELASTICSEARCH_HOSTS: 'http://localhost:9' } },
  { requirement: 'mcp-server-calculator==0.2.1' },
  { requirement: 'chroma-mcp==0.2.6' },
];
