"""Once a second: everything that waits for nobody's message."""

import threading
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from pools import passwords
from pools.models import Probe, ProbeState
from pools.operations import doorbell
from pools.operations import sweep as steps
from pools.services import approvals, examination, planning, rings, snapshots

RING_AGAIN_AFTER = timedelta(seconds=5)
LOST_AFTER = timedelta(seconds=60)
KEEP_PROBES = timedelta(hours=1)

sweeping = threading.Lock()


def sweep() -> None:
    """Ring for steps, addresses and drafts that wait, and end requests for approval that nobody decided.

    One at a time is enough: after a time in which every thread was busy, many are asked for at once.
    """
    if not sweeping.acquire(blocking=False):
        return
    try:
        steps.sweep()
        forget_probes()
        passwords.erase_ended()
        ring_probes()
        ring_drafts()
        snapshots.ring_waiting()
        approvals.expire_due()
    finally:
        sweeping.release()


def forget_probes() -> None:
    """A login typed for an address that was never added is not kept."""
    Probe.objects.filter(created_at__lt=timezone.now() - KEEP_PROBES).delete()


def ring_probes() -> None:
    """An address whose message was lost is rung for again; one that is being added has a minute for it."""
    now = timezone.now()
    lost = Probe.objects.filter(state=ProbeState.PROBING, changed_at__lt=now - LOST_AFTER)
    lost.update(state=ProbeState.WAITING)  # its worker died; looking once more does no harm
    overdue = Q(state=ProbeState.WAITING, changed_at__lt=now - RING_AGAIN_AFTER)
    waiting = Probe.objects.filter(overdue | Q(state=ProbeState.ADDING, changed_at__lt=now - LOST_AFTER))
    for row in waiting:
        if waiting.filter(pk=row.pk, changed_at=row.changed_at).update(changed_at=now):
            rings.probe(row)


def ring_drafts() -> None:
    """An examination or a plan that no worker took is rung for again, until its page says that nobody answers."""
    now = timezone.now()
    for waiting, ring in ((examination.waiting(), rings.examine), (planning.waiting(), rings.prepare_plan)):
        recent = waiting.filter(changed_at__lt=now - RING_AGAIN_AFTER, changed_at__gt=now - planning.GIVE_UP_AFTER)
        for row in recent.only("pk"):
            if doorbell.not_rung_lately(f"{ring.__name__}:{row.pk}", RING_AGAIN_AFTER // timedelta(milliseconds=1)):
                ring(row)
