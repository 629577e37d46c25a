from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workgroups', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='actionitem',
            name='state_note',
            field=models.TextField(blank=True, max_length=2000, verbose_name='completion note'),
        ),
    ]
