"""A Genesys Web Services (GWS) v2 voice API and CometD server in front of a T-Server."""
