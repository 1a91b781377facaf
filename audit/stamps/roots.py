"""The certificates that time stamps are checked up to: AUDIT_TIMESTAMP_ROOTS, a PEM file."""

from __future__ import annotations

from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificates


class NoRoots(Exception):
    """There is none to check up to; the sentence says why, and names no place."""


def load(path: Path | None) -> list[Certificate]:
    """All of the file. One that signed itself is a root; others only complete a chain that ends at a root."""
    if path is None:
        raise NoRoots("AUDIT_TIMESTAMP_ROOTS names no file")
    try:
        return load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise NoRoots(f"the file cannot be read ({type(error).__name__})") from None
    except ValueError:
        raise NoRoots("the file holds no certificate in PEM, or one that cannot be read") from None
