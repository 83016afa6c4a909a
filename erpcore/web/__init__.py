"""Faces on HTTP: the webhooks that CRMs deliver to, and the pages on which consents are given."""
