"""The rules of a link, without I/O: the tables of states, the decisions of a pair, the queue of requests."""
