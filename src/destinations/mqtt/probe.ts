// The look at an MQTT broker: CONNECT, its answer, DISCONNECT. Nothing is published, and no last will is left behind.
import type { MqttClient } from 'mqtt';
import { type ProbeContext, type Probed, probedWithin, withHint } from '../../core/probe.ts';
import { brokersOf, EMBEDDED, type Place, placesOf } from './address.ts';
import { clientOptions } from './connection.ts';
import { type Link, type LinkEnd, openLink } from './link.ts';
import type { Version } from './packet.ts';
import { refusesVersion } from './reasons.ts';
import type { MqttSettings } from './settings.ts';

type Connect = (options: Parameters<typeof openLink>[0]['client']) => MqttClient;

/** The first broker of the list that takes us, and what the others said. */
export async function probe(settings: MqttSettings, context: ProbeContext): Promise<Probed> {
  const embedded = brokersOf(settings).includes(EMBEDDED);
  if (embedded && context.embeddedBroker === undefined) return NOT_RUNNING;
  const { default: mqtt } = await import('mqtt');
  const failures: string[] = [];
  const look = async (): Promise<Probed> => {
    for (const place of placesOf(settings, context)) {
      const { end, version } = await tried(place, settings, context, (options) => mqtt.connect(options));
      if (end === undefined) {
        const also = failures.length === 0 ? '' : `; but ${failures.join('; ')}`;
        return { works: `${place.text} takes the login, MQTT ${version === 5 ? '5' : '3.1.1'}${also}` };
      }
      if (embedded && end.code === 'ECONNREFUSED') return NOT_RUNNING;
      failures.push(`${place.text}: ${textOf(end)}`);
    }
    return { error: failures.join('; ') };
  };
  return probedWithin(context.signal, look());
}

const NOT_RUNNING: Probed = { works: 'the embedded broker is not running; it starts with the daemon' };

async function tried(place: Place, settings: MqttSettings, context: ProbeContext, connect: Connect) {
  const end = await reached(place, place.version, settings, context, connect);
  if (settings.protocol !== 'auto' || place.version !== 5 || !refusesVersion(end?.code)) {
    return { end, version: place.version };
  }
  return { end: await reached(place, 4, settings, context, connect), version: 4 as Version };
}

/** Undefined once the broker took us, else why it did not. */
function reached(place: Place, version: Version, settings: MqttSettings, context: ProbeContext, connect: Connect) {
  // A client id of its own: under the configured one it would throw out the daemon that runs.
  const { clientId: _, ...rest } = settings;
  return new Promise<LinkEnd | undefined>((resolve) => {
    let link: Link | undefined;
    let taken = false;
    const onAbort = (): void => void link?.end(false);
    const leave = (end: LinkEnd | undefined): void => {
      context.signal.removeEventListener('abort', onAbort);
      resolve(end);
    };
    context.signal.addEventListener('abort', onAbort, { once: true });
    try {
      link = openLink({
        connect,
        client: { ...place.options, ...clientOptions(rest, context.random, undefined) },
        version,
        clock: context.clock,
        careful: false,
        onUp() {
          taken = true;
          void link?.end(true);
        },
        onEnd: (end) => leave(taken ? undefined : end),
      });
    } catch {
      leave({ error: 'the certificates cannot be read; check tls', code: 'tls' });
    }
  });
}

const textOf = ({ error, code }: LinkEnd): string =>
  withHint(error, typeof code === 'string' ? code : undefined) +
  (code === 4 || code === 5 || code === 134 || code === 135 ? '; check username and password' : '');
