// What the peers have in common with `python -m bridge.bayeux`: `POST /inject` publishes from the server.

import http from "node:http";

/**
 * Serves `/inject` and leaves all other requests to `handle`; prints the address once it listens.
 *
 * @param {(request, response) => void} handle serves CometD, where the peer does not attach itself
 * @param {(channel, data) => void} publish sends data to whoever subscribed to the channel
 */
export function serve(handle, publish) {
    const server = http.createServer((request, response) => {
        if (request.method !== "POST" || request.url !== "/inject") {
            handle(request, response);
            return;
        }
        const chunks = [];
        request.on("data", chunk => chunks.push(chunk));
        request.on("end", () => {
            const { channels, data, count = 1 } = JSON.parse(Buffer.concat(chunks));
            for (let time = 0; time < count; time++) {
                for (const channel of channels) {
                    publish(channel, data);
                }
            }
            response.end("{}");
        });
    });
    server.keepAliveTimeout = 0; // as long as the load program wants them
    server.requestTimeout = 0;
    server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => {
        console.log(`http://127.0.0.1:${server.address().port}`);
    });
    return server;
}
