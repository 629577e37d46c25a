import pytest
from tests.conftest import *
from tests.test_races import at_once
from workgroups.queries.similar import alike, titles_of, _twins
from workgroups import ozg
from workgroups.domain.service import say_state
from workgroups.models import *
pytestmark = pytest.mark.django_db(transaction=True)
def test_speed(transactional_db):
    cast = make_cast()
    names=[s.name for s in list(ozg.catalogue().values())[:600]]
    Project.objects.bulk_create([Project(network=cast.network,title=n[:200],created_by=cast.kehl) for n in names+names[:43]])
    ps=list(Project.objects.all())
    ProjectService.objects.bulk_create([ProjectService(project=p,ozg_id=k) for p,k in zip(ps,ozg.catalogue())])
    t=__import__("time").time(); alike(cast.network.pk, ps[0].pk); print("first", __import__("time").time()-t)
    ProjectService.objects.filter(project=ps[3]).delete()
    t=__import__("time").time(); alike(cast.network.pk, ps[0].pk); print("second", __import__("time").time()-t)
def test_race(transactional_db):
    cast = make_cast()
    s = next(iter(ozg.catalogue().values()))
    def say(m):
        return say_state(service=s, maturity=m, by=cast.kehl, version=0)
    for i in range(5):
        out=at_once(*[lambda m=m: say(m) for m in (1,2,3)])
        print([repr(o.error) for o in out])
        ServiceStatus.objects.all().delete()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    with CaptureQueriesContext(connection) as c: say(2)
    print([q["sql"] for q in c if "accession" in q["sql"]][0][-120:])
