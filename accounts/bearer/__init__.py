"""Bearer credentials: web tokens of the issuer, and API tokens that people make here."""
