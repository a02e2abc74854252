// The CometD project's own server for Node; it has no websocket transport.

import cometd from "cometd-nodejs-server";

import { serve } from "./inject.mjs";

const server = cometd.createCometDServer({
    timeout: Number(process.argv[2]),
    maxInterval: Number(process.argv[2]),
});

serve(server.handle, (channel, data) => server.createServerChannel(channel).publish(null, data));
