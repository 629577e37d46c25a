import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meetings", "0005_decisions_have_a_life"), ("workgroups", "0004_majority")]
    operations = [
        migrations.AlterField(
            model_name="decision",
            name="group",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="workgroups.group"
            ),
        ),
        migrations.AlterField(
            model_name="decision", name="carried", field=models.BooleanField(verbose_name="carried")
        ),
    ]
