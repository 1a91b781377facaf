"""The icons' shapes, by name: drawn on a grid of 16, stroked in the text's colour by `components/icon.html`."""

# ruff: noqa: E501 - a shape is one long word

from __future__ import annotations

from typing import Final

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

SHAPES: Final = {
    "playground": '<path d="M2.5 3.5h11v9h-11zM5 6.5l2 1.75L5 10M8.5 10.5h2.5" />',
    "admin": '<path d="M8 1.8 13.2 4v4c0 3.2-2.2 5.2-5.2 6.3C5 13.2 2.8 11.2 2.8 8V4zM6 8l1.5 1.5L10.2 6.7" />',
    "play": '<path d="M4.5 3v10l8-5z" fill="currentColor" />',
    "stop": '<path d="M4 4h8v8H4z" fill="currentColor" />',
    "completed": '<path d="m3 8.5 3.2 3.2L13 4.8" />',
    "failed": '<path d="M8 4.2v4.6M8 11.6v.2M8 1.7 14.8 14H1.2z" />',
    "cancelled": '<path d="M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM3.7 3.7l8.6 8.6" />',
    "running": '<path d="M8 1.8A6.2 6.2 0 1 1 1.8 8" />',
    "pending": '<path d="M8 1.8A6.2 6.2 0 1 1 1.8 8" />',
    "close": '<path d="m4 4 8 8M12 4l-8 8" />',
    "chevron": '<path d="m6 4 4 4-4 4" />',
    "updown": '<path d="m5 6 3-3 3 3M5 10l3 3 3-3" />',
    "down": '<path d="M8 3v9.5M4.5 9 8 12.5 11.5 9" />',
    "up": '<path d="M8 13V3.5M4.5 7 8 3.5 11.5 7" />',
    "history": '<path d="M2.3 8A5.7 5.7 0 1 0 4 4L2.3 5.7M2.3 2.5v3.2h3.2M8 5v3.2l2.2 1.3" />',
    "copy": '<path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />',
    "again": '<path d="M13.7 8A5.7 5.7 0 1 1 12 4l1.7 1.7M13.7 2.5v3.2h-3.2" />',
    "reset": '<path d="M13.7 8A5.7 5.7 0 1 1 12 4l1.7 1.7M13.7 2.5v3.2h-3.2" />',
    "new": '<path d="M8 3v10M3 8h10" />',
    "help": '<path d="M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM6.2 6.2a1.8 1.8 0 1 1 2.6 1.7c-.5.3-.8.6-.8 1.3M8 11.4v.1" />',
    "theme": '<path d="M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z" /> <path d="M8 1.8v12.4A6.2 6.2 0 0 0 8 1.8z" fill="currentColor" />',
    "bell": '<path d="M3 11.8h10l-1.3-2V6.5a3.7 3.7 0 0 0-7.4 0v3.3zM6.7 13.8h2.6" />',
    "user": '<path d="M8 2.2a2.9 2.9 0 1 0 0 5.8 2.9 2.9 0 0 0 0-5.8zM2.5 14c.6-2.6 2.7-4 5.5-4s4.9 1.4 5.5 4" />',
    "link": '<path d="M2 6a8.7 8.7 0 0 1 12 0M4.3 8.6a5.4 5.4 0 0 1 7.4 0M8 12v.2" />',
    "tool": '<path d="M13.6 4.6a3.6 3.6 0 0 1-4.9 4.2l-4.5 4.5a1.1 1.1 0 0 1-1.6-1.6L7.1 7.2A3.6 3.6 0 0 1 11.4 2.4L9.3 4.5l.4 1.8 1.8.4z" />',
    "continue": '<path d="M2.3 3.2h11.4v7.6H7.4L4.3 13.5v-2.7h-2z" />',
    "providers": '<path d="M2.5 2.8h11v4.2h-11zM2.5 9h11v4.2h-11zM5 4.9v.1M5 11.1v.1" />',
    "warning": '<path d="M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 4.8v3.8M8 11v.2" />',
    "templates": '<path d="M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3M6 8h4M6 10.8h4" />',
    "search": '<path d="M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 14 14" />',
    "bookmark": '<path d="M4 2.2h8v11.6l-4-3-4 3z" />',
    "private": '<path d="M3.8 7.2h8.4v6.6H3.8zM5.5 7.2V5a2.5 2.5 0 0 1 5 0v2.2" />',
    "shared": '<path d="M5.8 3a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM1.5 13.2c.4-2.4 2-3.7 4.3-3.7s3.9 1.3 4.3 3.7M10.5 3.3a2.2 2.2 0 0 1 0 3.9M12 9.9c1.4.5 2.2 1.6 2.5 3.3" />',
    "public": '<path d="M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM1.8 8h12.4M8 1.8c2 1.8 2.8 3.8 2.8 6.2S10 12.4 8 14.2C6 12.4 5.2 10.4 5.2 8S6 3.6 8 1.8z" />',
    "edit": '<path d="M2.5 13.5 3.3 10l7.4-7.4 2.7 2.7L6 12.7zM9.3 4l2.7 2.7" />',
    "fork": '<path d="M4.5 2.3v3.2c0 1.4 1 2.5 2.5 2.5h2c1.5 0 2.5-1.1 2.5-2.5V2.3M8 8v5.7M6 11.8l2 2 2-2" />',
    "share": '<path d="M8 10V2M5 4.8 8 2l3 2.8M4.8 7H3v7h10V7h-1.8" />',
    "export": '<path d="M8 2v8M5 7.2 8 10l3-2.8M3 11v3h10v-3" />',
    "delete": '<path d="M3 4.3h10M6.2 4.3V2.5h3.6v1.8M4.3 4.3l.6 9.2h6.2l.6-9.2M6.8 7v4M9.2 7v4" />',
    "check": '<path d="m3 8.5 3.2 3.2L13 4.8" />',
    "info": '<path d="M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 7.4V11M8 5v.1" />',
    "label": '<path d="M2.3 2.3h5.4l6 6-5.4 5.4-6-6zM5 5v.1" />',
    "compare": '<path d="M2 3h5v10H2zM9 3h5v10H9z" />',
    "star": '<path d="m8 1.9 1.9 3.9 4.2.6-3 3 .7 4.2L8 11.6l-3.8 2 .7-4.2-3-3 4.2-.6z" />',
    "star-filled": '<path d="m8 1.9 1.9 3.9 4.2.6-3 3 .7 4.2L8 11.6l-3.8 2 .7-4.2-3-3 4.2-.6z" fill="currentColor" />',
    "bookmarked": '<path d="M4 2.2h8v11.6l-4-3-4 3z" fill="currentColor" />',
    "featured": '<path d="M8 1.5 9.6 6.4 14.5 8 9.6 9.6 8 14.5 6.4 9.6 1.5 8 6.4 6.4z" fill="currentColor" />',
    "monitoring": '<path d="M1.8 8.5h3l1.7-4.7 3 8.4 1.7-3.7h3" />',
    "analytics": '<path d="M2.5 2.5v11h11M5 10.5l2.8-3.5 2.4 2 3.3-4.5" />',
    "evaluations": '<path d="M2.5 13.5h11M4 10.5v-3M8 10.5v-7M12 10.5V6M2.6 7.5h2.8M6.6 3.5h2.8M10.6 6h2.8" />',
    "sessions": '<path d="M2.5 3h11M2.5 8h11M2.5 13h7M12.5 11.5v3M11 13h3" />',
    "thumb-up": '<path d="M5 7.2 7.6 1.9c1 0 1.7.8 1.5 1.8L8.7 6.2h3.6c.9 0 1.5.8 1.3 1.6l-1 4.6c-.2.7-.7 1.1-1.4 1.1H5zM5 7.2H2.4v6.3H5" />',
    "thumb-down": '<path d="M11 8.8 8.4 14.1c-1 0-1.7-.8-1.5-1.8l.4-2.5H3.7c-.9 0-1.5-.8-1.3-1.6l1-4.6c.2-.7.7-1.1 1.4-1.1H11zM11 8.8h2.6V2.5H11" />',
    "comment": '<path d="M2.3 3h11.4v8H7.5l-3 2.6V11H2.3z" />',
    "archive": '<path d="M2 3h12v3H2zM3 6v7.5h10V6M6.3 8.8h3.4" />',
}
_SAFE: Final = {name: mark_safe(shape) for name, shape in SHAPES.items()}  # noqa: S308 - this file's own constants


@register.filter
def shape(name: str) -> SafeString:
    """What stands inside the icon's `<svg>`; nothing for a name that is none."""
    return _SAFE.get(name, SafeString(""))
