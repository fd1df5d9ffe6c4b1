"""The last records that a pool's coordinator gave."""

from django.db import models


class Inventory(models.Model):
    """XAPI's records as they were at ``as_of``: ``{class: {ref: record}}``; readable when the pool is down."""

    pool = models.OneToOneField("pools.Pool", on_delete=models.CASCADE, related_name="inventory")
    records = models.JSONField(default=dict)
    as_of = models.DateTimeField(null=True)
    clock_skew = models.FloatField(null=True, help_text="seconds the coordinator's clock is ahead of ours")
    error_code = models.CharField(max_length=100, blank=True)
    error_params = models.JSONField(default=list)
    tried_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "inventories"

    def __str__(self) -> str:
        return f"inventory of {self.pool}"
