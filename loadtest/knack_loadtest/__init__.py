"""Crowds against a Knackpunkt server, and the plain second engine that proves the first one right."""
