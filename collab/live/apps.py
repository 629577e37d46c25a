from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LiveConfig(AppConfig):
    name = "collab.live"

    def ready(self) -> None:
        # Each app's fragments.py names its regions and the sentences of its verbs.
        autodiscover_modules("fragments")
        # What happens by itself at its time (collab/clock.py).
        autodiscover_modules("jobs")
