"""Pages of privacy: `/settings/retention` and `/settings/your-data`."""
