"""``erpcore demo``: two simulators, a store and a worker on this machine, and a story to watch."""
