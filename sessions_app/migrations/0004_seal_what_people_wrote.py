"""Description, purpose and metadata of sessions are sealed; docs/decisions/016-what-is-sealed.md."""

from django.db import migrations

from foundation.sealing.fields import SealedJSONField, SealedTextField
from foundation.sealing.migrating import seal

TABLE = "playground_sessions"


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0003_no_way_up")]

    operations = [
        *seal("playgroundsession", "description", SealedTextField(), table=TABLE, kind="text"),
        *seal("playgroundsession", "purpose", SealedTextField(), table=TABLE, kind="varchar"),
        *seal("playgroundsession", "metadata", SealedJSONField(empty=dict), table=TABLE, kind="jsonb"),
    ]
