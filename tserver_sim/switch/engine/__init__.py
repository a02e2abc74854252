"""What carries out operations: the engine, the ledger of its steps, and its source of chance."""
