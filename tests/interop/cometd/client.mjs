// The real CometD client, driven by lines of JSON.
//
//   node client.mjs '{"url": "http://...", "requestHeaders": {...}, "logLevel": "warn", "transports": [...]}'
//
// The argument is CometD's own configuration, and `transports`: those to use, long-polling alone by default.
// On stdin, one command a line: {"do": "handshake"}, {"do": "subscribe", "channel": C},
// {"do": "unsubscribe", "channel": C}, {"do": "publish", "channel": C, "data": D}, {"do": "disconnect"}.
// On stdout, one received message a line: every event and every reply, of the replies to /meta/connect
// those only that tell of a change. Like a desktop, it subscribes anew after each handshake by itself.

import process from "node:process";
import readline from "node:readline";

// CometD logs to the console; stdout is for messages.
console.log = console.info = console.debug = console.error;

const {adapt} = await import("cometd-nodejs-client");
adapt();
const {CometD} = await import("cometd");

const {transports = ["long-polling"], ...configuration} = JSON.parse(process.argv[2]);
const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");

const cometd = new CometD();
for (const type of cometd.getTransportTypes()) {
    if (!transports.includes(type)) {
        cometd.unregisterTransport(type);
    }
}
cometd.configure(configuration);

const wanted = new Map(); // channel -> the subscription of the present session
let connected = false;

const subscribe = (channel) => wanted.set(channel, cometd.subscribe(channel, say));

cometd.addListener("/meta/handshake", (message) => {
    say(message);
    connected = false;
    if (message.successful) {
        cometd.batch(() => [...wanted.keys()].forEach(subscribe));
    }
});
cometd.addListener("/meta/connect", (message) => {
    if (message.successful !== connected) {
        connected = message.successful;
        say(message);
    }
});
for (const channel of ["/meta/subscribe", "/meta/unsubscribe", "/meta/publish", "/meta/disconnect"]) {
    cometd.addListener(channel, say);
}

const commands = {
    handshake: () => cometd.handshake(),
    subscribe: ({channel}) => subscribe(channel),
    unsubscribe: ({channel}) => {
        cometd.unsubscribe(wanted.get(channel));
        wanted.delete(channel);
    },
    publish: ({channel, data}) => cometd.publish(channel, data),
    disconnect: () => cometd.disconnect(),
};

for await (const line of readline.createInterface({input: process.stdin})) {
    const command = JSON.parse(line);
    commands[command.do](command);
}
process.exit();
