// The real CometD client, driven by lines of JSON.
//
//   node client.mjs '{"url": "http://...", "library": "cometd-3", "transports": [...], "extensions": [...]}'
//
// The argument is CometD's own configuration, and besides
//   library: the package to use, by default the newest ("cometd");
//   transports: those to use, long-polling alone by default;
//   extensions: of "Ack", "Reload", "TimeSync" those to register.
// On stdin, one command a line: {"do": "handshake"}, {"do": "subscribe", "channel": C},
// {"do": "unsubscribe", "channel": C}, {"do": "publish", "channel": C, "data": D}, {"do": "disconnect"},
// {"do": "reload"}: the page is left, loaded again, and handshakes; {"do": "clock"} tells the server's time.
// On stdout, one received message a line: every event and every reply, of the replies to /meta/connect
// those only that tell of a change. Like a desktop, it subscribes anew after each handshake by itself.

import process from "node:process";
import readline from "node:readline";

// CometD logs to the console; stdout is for messages.
console.log = console.info = console.debug = console.error;

const {
    library = "cometd", transports = ["long-polling"], extensions = [], ...configuration
} = JSON.parse(process.argv[2]);

// Up to version 7 one file in the style of CommonJS, with an adapter of its own; modules since.
const modern = library === "cometd";
const load = async (name) => {
    const module = await import(name);
    return module.default ?? module;
};
const {adapt} = await load(modern ? "cometd-nodejs-client" : "cometd-nodejs-client-1");

// What the tab of a browser keeps while its page is loaded again.
const kept = new Map();
globalThis.window = {
    sessionStorage: {
        getItem: (name) => kept.get(name) ?? null,
        setItem: (name, value) => kept.set(name, value),
        removeItem: (name) => kept.delete(name),
    },
};
adapt();
const {CometD} = await load(library);
const makers = {};
for (const name of extensions) {
    const loaded = await load(`${library}/${name}Extension.js`);
    makers[name] = loaded[`${name}Extension`] ?? loaded;
}

const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");

// One page with its client; a page that was left says nothing any more.
function open() {
    const cometd = new CometD();
    const page = {cometd, wanted: new Map(), left: false, extensions: {}};
    const tell = (message) => page.left || say(message);
    for (const type of cometd.getTransportTypes()) {
        if (!transports.includes(type)) {
            cometd.unregisterTransport(type);
        }
    }
    cometd.configure(configuration);
    for (const [name, Extension] of Object.entries(makers)) {
        page.extensions[name] = new Extension();
        cometd.registerExtension(name, page.extensions[name]);
    }

    let connected = false;
    page.subscribe = (channel) => page.wanted.set(channel, cometd.subscribe(channel, tell));
    cometd.addListener("/meta/handshake", (message) => {
        tell(message);
        connected = false;
        if (message.successful) {
            cometd.batch(() => [...page.wanted.keys()].forEach(page.subscribe));
        }
    });
    cometd.addListener("/meta/connect", (message) => {
        if (message.successful !== connected) {
            connected = message.successful;
            tell(message);
        }
    });
    for (const channel of ["/meta/subscribe", "/meta/unsubscribe", "/meta/publish", "/meta/disconnect"]) {
        cometd.addListener(channel, tell);
    }
    return page;
}

let page = open();

const commands = {
    handshake: () => page.cometd.handshake(),
    subscribe: ({channel}) => page.subscribe(channel),
    unsubscribe: ({channel}) => {
        page.cometd.unsubscribe(page.wanted.get(channel));
        page.wanted.delete(channel);
    },
    publish: ({channel, data}) => page.cometd.publish(channel, data),
    disconnect: () => page.cometd.disconnect(),
    reload: () => {
        page.cometd.reload();
        page.left = true;
        const wanted = page.wanted.keys();
        page = open();
        [...wanted].forEach((channel) => page.wanted.set(channel));
        page.cometd.handshake();
    },
    clock: () => say({channel: "clock", successful: true, offset: page.extensions.TimeSync.getTimeOffset()}),
};

for await (const line of readline.createInterface({input: process.stdin})) {
    const command = JSON.parse(line);
    commands[command.do](command);
}
process.exit();
