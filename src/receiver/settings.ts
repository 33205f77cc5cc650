// Settings: what stands under `receiver` in the config.
import { z } from 'zod';
import { cidr } from './address.ts';
import { pathEntries } from './path-entry.ts';

const whole = (least: number, most: number) => z.int().min(least).max(most);

export const receiverLimits = z.strictObject({
  lineBytesMax: whole(512, 65_536)
    .default(8192)
    .describe('Longest request line in bytes, without its line end; longer: 414'),
  headBytesMax: whole(1024, 131_072)
    .default(16_384)
    .describe('Longest request line and headers together, in bytes; longer: 431'),
  headMsMax: whole(100, 60_000).default(5000).describe('Time for the request line and headers, in ms; longer: 408'),
  parametersMax: whole(16, 1024)
    .default(64)
    .describe('Most variables in one URL, those a caller can write not counted; more: 400'),
  connectionsMax: whole(1, 65_536).default(1024).describe('Most connections that wait for an answer, in all'),
  connectionsPerAddressMax: whole(1, 65_536)
    .default(32)
    .describe('Most connections of one source address that wait for an answer; proxies have no such limit'),
  hitsPerSecondMax: z
    .number()
    .positive()
    .max(1_000_000)
    .default(20)
    .describe('Hits per second of one phone, in the long run; more: 429'),
  hitsBurstMax: whole(1, 1_000_000).default(100).describe('Hits of one phone at once, before the rate counts'),
  lingerMsMax: whole(0, 60_000)
    .default(2000)
    .describe('How long a connection is kept after its answer until the phone closes it, in ms'),
  keepAliveMsMax: whole(1000, 3_600_000)
    .default(75_000)
    .describe('How long an idle connection of a proxy is kept, in ms'),
});

export type ReceiverLimits = z.output<typeof receiverLimits>;

export const receiverSettings = z.strictObject({
  host: z.string().min(1).default('0.0.0.0').describe('Address on which phones are received'),
  port: whole(0, 65_535).default(8484).describe('Port on which phones are received; 0: any free one'),
  limits: receiverLimits.prefault({}).describe('What one phone, one address and all of them together may use'),
  proxies: z
    .array(cidr)
    .default([])
    .describe(
      'Reverse proxies in front of phones: their last X-Forwarded-For entry is believed and their connections are kept open',
    ),
  paths: pathEntries
    .default([])
    .describe(
      'URLs of another shape than /a/<token>/<event>, and what their variables mean; the first that fits counts',
    ),
});

export type ReceiverSettings = z.output<typeof receiverSettings>;
