"""Sign-in to the pages by an OpenID Connect provider: authorization code with PKCE (RFC 7636, RFC 9700)."""
