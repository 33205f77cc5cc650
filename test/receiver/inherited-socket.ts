// A process that was started with a listening socket as its descriptor 3, as systemd does it, and answers on it.
import { openDesk } from './desk.ts';

await openDesk({ fd: 3 });
process.send?.('listening');
