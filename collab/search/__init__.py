"""Finding again what people wrote: one index over all kinds of things of a network."""
