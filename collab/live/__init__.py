"""How a committed change reaches every open screen. The only sender to the channel layer."""
