import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import foundation.sealing.fields


class Migration(migrations.Migration):
    dependencies = [
        ("templates_app", "0005_slug_once_per_owner"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="labelmove",
            name="approved_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="labelmove",
            name="note",
            field=foundation.sealing.fields.SealedTextField(),
        ),
    ]
