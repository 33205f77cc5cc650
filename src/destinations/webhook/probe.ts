// The look at an endpoint: its name, its addresses, TCP and TLS. No request is made.
import { codeOf } from '../../core/attempts.ts';
import { type ProbeContext, type Probed, probedWithin, withHint } from '../../core/probe.ts';
import { connectorTo, endpointOf } from './client.ts';
import { checkedAddresses, portOf, resolveBySystem } from './reach.ts';
import { bareHost, type WebhookSettings } from './settings.ts';

export async function probe(settings: WebhookSettings, context: ProbeContext): Promise<Probed> {
  const { signal, ...rest } = context;
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const endpoint = endpointOf(settings, { ...rest, log: quiet, count() {} }, resolveBySystem);
  const { url } = endpoint;
  const look = async (): Promise<Probed> => {
    try {
      const addresses = await checkedAddresses(endpoint, signal);
      if (!Array.isArray(addresses)) return { error: addresses.error };
      if (addresses.length === 0) return { error: `${bareHost(url)} has no address` };
      await connected(connectorTo(endpoint, addresses), url);
      return { works: `${bareHost(url)} takes connections; no request was made` };
    } catch (error) {
      const code = codeOf(error);
      return { error: withHint(`${bareHost(url)} could not be reached (${code ?? 'no answer'})`, code) };
    }
  };
  return probedWithin(signal, look());
}

function connected(connect: ReturnType<typeof connectorTo>, url: URL): Promise<void> {
  const { protocol, host } = url;
  const hostname = bareHost(url);
  return new Promise((resolve, reject) => {
    connect({ protocol, host, hostname, port: String(portOf(url)) }, (error, socket) => {
      if (error !== null) return reject(error);
      socket.destroy();
      resolve();
    });
  });
}
