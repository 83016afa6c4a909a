"""What tests of plugins are built with. Not needed to run a sync."""
