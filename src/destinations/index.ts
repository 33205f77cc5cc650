// The list of destinations: one line each. Everything else (checks, schemas, pages) follows from the declarations.
import type { Destination } from '../core/destination.ts';
import { email } from './email/index.ts';
import { mqtt } from './mqtt/index.ts';
import { ntfy } from './ntfy/index.ts';
import { slack } from './slack/index.ts';
import { webhook } from './webhook/index.ts';

export const DESTINATIONS: Destination[] = [mqtt, slack, email, webhook, ntfy];
