"""The smallest erpcore plugin: an accounting program in the memory of one process."""
