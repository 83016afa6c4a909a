"""The tests that the cassettes beside belong to; read, never run."""


def test_create():
    """Belongs to a cassette."""
