"""A simulated Visma Administration."""
