"""Faces on HTTP: the webhooks that CRMs deliver to."""
