"""Why nobody was signed in; each message is for the person who tried."""

from __future__ import annotations

from django.conf import settings


class SignInRefused(Exception):
    """The sign-in ends here; `status` is what the page is answered with."""

    status = 401

    def __str__(self) -> str:
        return f"{self.sentence} Please begin again."

    @property
    def sentence(self) -> str:
        """What happened."""
        return f"{settings.ENV.oidc_label} did not confirm this sign-in."


class NotBegunHere(SignInRefused):
    """The callback belongs to no sign-in that this browser has begun, or to one that was ended already."""

    status = 400

    @property
    def sentence(self) -> str:
        return "This sign-in was not begun in this browser, was ended already, or took too long."


class AnsweredByAnother(SignInRefused):
    """The answer names another issuer than the one that was asked (mix-up, RFC 9207)."""

    status = 400

    @property
    def sentence(self) -> str:
        return f"The answer is not one of {settings.ENV.oidc_label}."


class NotLetIn(SignInRefused):
    """The provider answered with an error instead of a code."""

    status = 403

    @property
    def sentence(self) -> str:
        return f"{settings.ENV.oidc_label} did not let you in."


class AccountClosed(SignInRefused):
    """The provider knows the person, and we do not let them in."""

    status = 403

    def __str__(self) -> str:
        return "This account is deactivated, or is one that programs use. An administrator can tell you more."


class CodeRefused(SignInRefused):
    """The provider gave no token for the code."""


class IdTokenRefused(SignInRefused):
    """The ID token does not hold."""


class ProviderAway(SignInRefused, ConnectionError):
    """The provider cannot be reached, or what it says is no OpenID Connect."""

    status = 503

    def __str__(self) -> str:
        return f"{settings.ENV.oidc_label} cannot be reached just now. Try again in a minute, or use a password."
