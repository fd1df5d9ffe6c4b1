"""A server's network, saved: by uuid and by keys that stay, compared, exported, and made again from a console."""
