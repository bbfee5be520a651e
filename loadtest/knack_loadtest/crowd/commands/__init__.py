"""The commands of `crowd`: one module each, put together in `cli`."""
