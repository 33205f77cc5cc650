// Addresses: where brokers are, and in which order they are asked.
import type { IClientOptions } from 'mqtt';
import type { OpenContext } from '../../core/destination.ts';
import type { Version } from './packet.ts';

export const EMBEDDED = 'embedded';
const SCHEMES = ['mqtt:', 'mqtts:', 'ws:', 'wss:'];
const PORTS = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };

/** What is wrong with a broker's address, or undefined. */
export function brokerProblem(value: string): string | undefined {
  if (value === EMBEDDED) return undefined;
  const shape = 'must be mqtt://, mqtts://, ws:// or wss:// with a host and perhaps a port, or "embedded"';
  if (!URL.canParse(value)) return shape;
  const url = new URL(value);
  if (!SCHEMES.includes(url.protocol) || url.hostname === '') return shape;
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user name or password; write them under username and password';
  if (url.search !== '' || url.hash !== '') return 'must not hold ? or #';
  const socket = url.protocol === 'ws:' || url.protocol === 'wss:';
  return socket || url.pathname === '' || url.pathname === '/' ? undefined : 'must not hold a path';
}

/** One broker of a connection. `version`: the version of MQTT that it is asked with, 4 after it refused 5. */
export type Place = { text: string; options: IClientOptions; version: Version };

type Settings = { broker: string | string[]; protocol: 'auto' | '5' | '3.1.1' };

export const brokersOf = ({ broker }: Pick<Settings, 'broker'>): string[] =>
  typeof broker === 'string' ? [broker] : broker;

/** The brokers in order of preference. Throws if the embedded one is meant and the config starts none. */
export function placesOf(settings: Settings, context: Pick<OpenContext, 'embeddedBroker'>): Place[] {
  return brokersOf(settings).map((text) => ({
    text,
    options: text === EMBEDDED ? embedded(context) : remote(new URL(text)),
    version: settings.protocol === '3.1.1' || text === EMBEDDED ? 4 : 5,
  }));
}

function embedded(context: Pick<OpenContext, 'embeddedBroker'>): IClientOptions {
  if (context.embeddedBroker === undefined) throw new Error('broker: the config starts no embedded broker');
  const { host, port } = context.embeddedBroker;
  return { protocol: 'mqtt', host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port };
}

/** The address is taken apart here: the library would read credentials and options out of a URL. */
function remote(url: URL): IClientOptions {
  const protocol = url.protocol.slice(0, -1) as keyof typeof PORTS;
  const port = url.port === '' ? PORTS[protocol] : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // The library puts `hostname` into the URL of a WebSocket as it is.
  if (protocol === 'ws' || protocol === 'wss')
    return { protocol, host, hostname: url.hostname, port, path: url.pathname };
  return { protocol, host, hostname: host, port };
}
