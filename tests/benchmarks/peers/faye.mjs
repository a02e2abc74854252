// faye: a Bayeux server of its own line, with long-polling and websocket.

import faye from "faye";

import { serve } from "./inject.mjs";

const bayeux = new faye.NodeAdapter({ mount: "/cometd", timeout: Number(process.argv[2]) / 1000 });
const client = bayeux.getClient();

bayeux.attach(serve((request, response) => response.writeHead(404).end(), (channel, data) => client.publish(channel, data)));
