"""A password that a server is to get, kept until it has it."""

from django.db import models

from pools.models.operation import Operation


class NewPassword(models.Model):
    """Encrypted; the plaintext names its operation. ``taken``: it is the stored login now, and erased here."""

    operation = models.OneToOneField(Operation, on_delete=models.CASCADE, related_name="new_password")
    ciphertext = models.BinaryField()
    taken = models.BooleanField(default=False)
    kept_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"new password of {self.operation_id}"
