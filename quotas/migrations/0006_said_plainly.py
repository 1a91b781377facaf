"""Fields of quotas by the names that the page of limits has for them; no table is touched."""

from decimal import Decimal

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("quotas", "0005_held_until"),
    ]

    operations = [
        migrations.AlterField(
            model_name="quotalimit",
            name="cost",
            field=models.DecimalField(
                blank=True,
                decimal_places=8,
                max_digits=20,
                null=True,
                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                verbose_name="cost, USD",
            ),
        ),
        migrations.AlterField(
            model_name="quotalimit",
            name="is_from_environment",
            field=models.BooleanField(default=False, editable=False, verbose_name="from the environment"),
        ),
        migrations.AlterField(
            model_name="quotalimit",
            name="is_hard",
            field=models.BooleanField(default=True, verbose_name="refused beyond it"),
        ),
        migrations.AlterField(
            model_name="quotalimit",
            name="subject_id",
            field=models.CharField(max_length=255, verbose_name="ID or key"),
        ),
        migrations.AlterField(
            model_name="quotalimit",
            name="subject_kind",
            field=models.CharField(
                choices=[
                    ("user", "User"),
                    ("team", "Team"),
                    ("organisation", "Organisation"),
                    ("project", "Project"),
                    ("token", "Token"),
                    ("throttle", "Throttle"),
                ],
                max_length=20,
                verbose_name="whose",
            ),
        ),
    ]
