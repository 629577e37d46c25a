from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meetings", "0006_decisions_of_groups")]
    operations = [
        migrations.AddField(
            model_name="votetown", name="result_told_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddIndex(
            model_name="vote",
            index=models.Index(condition=models.Q(("kind", "circular")), fields=["closed_at"], name="circular_ended"),
        ),
    ]
