"""The instrument, the listener and the notebook of a music therapy session."""

__version__ = "0.1.0"
