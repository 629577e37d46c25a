from datetime import date, time
import pytest
from django.test import Client
from meetings.domain.series import create_series, change_series_from
from meetings.domain.template import default_lines
from meetings.models import *
from meetings.recurrence import Rule, Frequency

def test_smoke(cast, client_for):
    s = create_series(group=cast.group, title="Jour fixe", rule=Rule(frequency=Frequency.MONTHLY_WEEKDAY, starts_on=date(2026,11,22), weekday=3, nth=3), start_time=time(9,30), minutes=90, by=cast.coordinator, hosts=[cast.town("kehl"), cast.town("achern")], template=default_lines())
    print([(m.date, m.host_id, m.items.count()) for m in s.meetings.all()])
    c = client_for(cast.coordinator)
    for u in ["meetings/", "meetings/?year=2026", f"series/{s.pk}/", "series/add/", f"series/{s.pk}/edit/", f"series/{s.pk}/change/", f"series/{s.pk}/end/", "meetings/add/"]:
        r = c.get(f"/n/ortenau/{u}")
        assert r.status_code == 200, (u, r.content[-3000:])
    m = s.meetings.first()
    for u in ["edit", "move", "cancel", "guests"]:
        r = c.get(f"/n/ortenau/meetings/{m.pk}/{u}/")
        assert r.status_code == 200, (u, r.content[-3000:])
