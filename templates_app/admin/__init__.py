"""Curation: the library in the admin. Django looks here for what is registered."""

from templates_app.admin import templates as templates
