"""Who a request is from and what it may do: credentials, HTTP sessions, CSRF, CORS, lock-outs."""
