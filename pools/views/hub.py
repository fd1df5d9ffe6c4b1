"""Live streams of this process; filled by the live page."""


class Hub:
    """Fans journal rings out to the open streams of this process."""

    def stop(self) -> None:
        """End every open stream."""


hub = Hub()
