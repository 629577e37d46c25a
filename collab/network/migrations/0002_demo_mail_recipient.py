from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("network", "0001_initial")]

    operations = [
        migrations.RemoveField(model_name="demomail", name="recipients"),
        migrations.AddField(
            model_name="demomail",
            name="recipient",
            field=models.EmailField(db_index=True, default="", max_length=254),
            preserve_default=False,
        ),
    ]
