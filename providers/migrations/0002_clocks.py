import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="provider",
            name="connect_seconds",
            field=models.FloatField(
                blank=True,
                help_text="Seconds that a connection may take; left out: PROVIDER_CONNECT_SECONDS.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0.1),
                    django.core.validators.MaxValueValidator(3600.0),
                ],
            ),
        ),
        migrations.AddField(
            model_name="provider",
            name="first_byte_seconds",
            field=models.FloatField(
                blank=True,
                help_text="Seconds until an answer begins; left out: PROVIDER_FIRST_BYTE_SECONDS, or the run's whole time.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0.1),
                    django.core.validators.MaxValueValidator(3600.0),
                ],
            ),
        ),
        migrations.AddField(
            model_name="provider",
            name="idle_seconds",
            field=models.FloatField(
                blank=True,
                help_text="Seconds of silence within an answer; left out: PROVIDER_IDLE_SECONDS.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0.1),
                    django.core.validators.MaxValueValidator(3600.0),
                ],
            ),
        ),
    ]
