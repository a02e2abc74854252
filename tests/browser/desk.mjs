// A desktop in a page of another origin than the bridge's. The test calls what `desk` has; what the page is
// told it tells the test, as JSON through the function `tell`.
//
//   desk.html?api=http://.../api/v2&library=cometd-3&transport=long-polling
//
// Like a desktop, it logs in once with a password, goes on with the cookie and the token, and logs in again
// by itself when the server does not know it any more.

const asked = new URLSearchParams(location.search);
const api = asked.get("api");
const library = asked.get("library");
const transport = asked.get("transport");

const say = (message) => window.tell(JSON.stringify(message));

const headers = {}; // of every request; CometD looks at them with each of its own
let credentials = null;

async function request(method, path, body, extra = {}) {
    const type = body === undefined ? {} : {"Content-Type": "application/json"};
    const answer = await fetch(api + path, {
        method,
        credentials: "include",
        headers: {...headers, ...type, ...extra},
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    const name = answer.headers.get("X-CSRF-HEADER");
    if (name) {
        headers[name] = answer.headers.get(name);
    }
    return {status: answer.status, ...(await answer.json())};
}

function logIn(user, password) {
    credentials = [user, password];
    return request("GET", "/me", undefined, {Authorization: "Basic " + btoa(credentials.join(":"))});
}

// Up to version 7 a script that leaves its names in the window; modules since.
async function load() {
    const file = `node_modules/${library}/cometd.js`;
    if (library === "cometd") {
        return import(`./${file}`);
    }
    await new Promise((resolve, reject) => {
        const script = Object.assign(document.createElement("script"), {src: file});
        script.onload = resolve;
        script.onerror = () => reject(new Error(`cannot load ${file}`));
        document.head.append(script);
    });
    return window.org.cometd;
}

const {CometD} = await load();
const cometd = new CometD();
cometd.getTransportTypes().filter((type) => type !== transport).forEach((type) => cometd.unregisterTransport(type));
cometd.configure({
    url: `${api}/notifications`,
    requestHeaders: headers,
    logLevel: "error",
    backoffIncrement: 50, // milliseconds
    maxBackoff: 200,
});

let connected = false;
cometd.addListener("/meta/handshake", ({successful}) => {
    say({channel: "/meta/handshake", successful});
    if (successful) {
        cometd.batch(() => {
            cometd.subscribe("/v2/me/*", say);
            cometd.subscribe("/notifications/services", say);
        });
    }
});
cometd.addListener("/meta/connect", ({successful, failure}) => {
    if (successful !== connected) {
        connected = successful;
        say({channel: "/meta/connect", successful});
    }
    if (failure?.httpCode === 403) {
        logIn(...credentials).then(({status}) => say({channel: "login", status}));
    }
});

window.desk = {
    logIn,
    get: (path) => request("GET", path),
    post: (path, body) => request("POST", path, body),
    cookies: () => document.cookie,
    forgetToken: () => Object.keys(headers).forEach((name) => delete headers[name]),
    connect: () => cometd.handshake(),
    disconnect: () => new Promise((resolve) => cometd.disconnect((reply) => resolve(reply.successful))),
};
say({channel: "page", origin: location.origin});
