"""The pytest plugin of the contract kit, loaded through the entry point group ``pytest11``."""
