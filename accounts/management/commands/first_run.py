"""`manage.py first_run`: tells how to come in; makes the first administrator when there is none."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import User
from accounts.signing_in import make_link


class Command(BaseCommand):
    """Prints the address and a one-time sign-in link; with the first administrator, also its name and password."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Makes what is missing, and prints."""
        host = "localhost" if settings.ENV.host in ("0.0.0.0", "::", "127.0.0.1") else settings.ENV.host  # noqa: S104
        address = f"http://{host}:{settings.ENV.port}"
        admin = User.objects.filter(is_superuser=True, is_active=True).order_by("created_at").first()
        password = None
        if admin is None:
            password = secrets.token_urlsafe(12)
            admin = User.objects.create_superuser("admin", password, name="Administrator")
        token = make_link(admin, now=timezone.now())
        self.stdout.write(f"\n  LLM Playground   {address}\n  Sign in (once)   {address}/sign-in/{token}")
        if password:
            self.stdout.write(f"  Name, password   {admin.username}  {password}   (shown this once)")
        self.stdout.write("  Stop             Ctrl-C\n")
