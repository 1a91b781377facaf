"""DADMS's published profile of this service's API: camelCase, wrappers and frames, for who sends its media type.

An adapter in front of the doors: it asks them in our words and tells their answers in DADMS's. It knows no app, only
what goes over HTTP, so that nothing behind a door knows of it.
"""
