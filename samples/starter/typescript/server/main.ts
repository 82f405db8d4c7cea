import { serve } from 'stateful-mcp-server';
import { createServer } from './booking';

void serve(createServer);
