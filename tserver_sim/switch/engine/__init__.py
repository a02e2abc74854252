"""The engine that applies call models, the ledger of calls and timers, and repeatable chance."""
