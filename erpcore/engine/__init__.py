"""How the work survives: the queue, the attempts at a run, recovery, and the worker that does it all."""
